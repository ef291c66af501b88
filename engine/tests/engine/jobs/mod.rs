//! Asynchronous requests: answered later, run once, for the user who made them.

mod answers;
mod audit;
mod authority;
mod canceling;
mod requests;
mod scene;
mod servers;
