mod certificates;
mod chains;
mod drafts;
mod requests;
