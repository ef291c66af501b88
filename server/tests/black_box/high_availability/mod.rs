//! Several servers on one database, and what happens when a server, the database or what is between them breaks.

mod audit_logs;
mod cluster;
mod cut_connection;
mod cutting_proxy;
mod database;
mod full_disk;
mod hung_server;
mod issued_keys;
mod killed_database;
mod killed_server;
pub(crate) mod ledger;
mod requests;
mod sealing;
mod shared_keys;

use std::env;

/// Every kind of shared database has the same tests.
macro_rules! tests_of {
    ($module:ident, $kind:ident) => {
        mod $module {
            use super::database::$kind;
            use super::*;

            #[test]
            fn three_servers_behind_a_proxy_serve_the_same_keys_while_each_is_restarted() {
                shared_keys::each_server_is_restarted(&$kind);
            }

            #[test]
            fn no_update_is_lost_when_servers_make_them_at_once() {
                shared_keys::servers_count_at_once(&$kind);
            }

            #[test]
            fn a_key_that_one_server_revoked_encrypts_on_no_other() {
                shared_keys::one_server_revokes(&$kind);
            }

            #[test]
            fn usage_limits_are_not_overspent_by_servers_at_once() {
                shared_keys::servers_use_up_a_limit_at_once(&$kind);
            }

            #[test]
            fn keys_that_servers_issue_from_one_master_key_at_once_all_work_and_none_is_lost() {
                issued_keys::servers_issue_at_once(&$kind);
            }

            #[test]
            fn a_database_is_sealed_and_its_server_key_replaced_one_server_after_the_other() {
                sealing::servers_are_restarted_with_other_keys(&$kind);
            }

            #[test]
            fn each_server_has_a_log_of_its_own_in_the_database_that_goes_on_when_that_was_killed() {
                audit_logs::of_each_server(&$kind);
            }

            #[test]
            fn a_server_that_is_killed_loses_nothing_that_was_acknowledged() {
                killed_server::run(&$kind);
            }

            #[test]
            fn a_server_that_hangs_is_left_to_itself() {
                hung_server::run(&$kind);
            }

            #[test]
            fn a_database_that_is_killed_loses_nothing_that_was_acknowledged() {
                killed_database::run(&$kind);
            }

            #[test]
            fn a_connection_that_is_cut_at_any_byte_leaves_no_half_a_change() {
                cut_connection::run(&$kind);
            }

            #[test]
            fn a_full_disk_refuses_writes_and_loses_nothing_that_was_acknowledged() {
                full_disk::of_a_database(&$kind);
            }
        }
    };
}

tests_of!(postgresql, POSTGRESQL);
tests_of!(mysql, MYSQL);
tests_of!(redis_findex, REDIS_FINDEX);

/// How often to do something: a few times, or as often as `cargo xtask ha` says.
fn times<T>(few: T, many: T) -> T {
    if env::var_os("CLAVIGER_LONG_TESTS").is_some() { many } else { few }
}
