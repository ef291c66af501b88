//! The hello plugin as a library.

claviger_plugin_sdk::export_plugin!(claviger_hello);
