//! Threads that are not the store's own, such as those of large requests.

use std::time::Duration;

use super::database::on_each_server;

on_each_server! {
    async fn connections_that_were_made_for_other_threads_do_not_need_them(database) {
        let store = database.open().await;
        let pool = store.pool.clone();
        let others = tokio::task::spawn_blocking(move || {
            let others = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            others.block_on(async {
                let mut connections = Vec::new();
                for _ in 0..4 {
                    connections.push(pool.connection().await.unwrap());
                }
                drop(connections);
                // They are given back.
                tokio::time::sleep(Duration::from_millis(200)).await;
            });
        });
        others.await.unwrap();
        let mut connections = Vec::new();
        for _ in 0..4 {
            let mut connection = store.pool.connection().await.unwrap();
            assert!(connection.is_alive().await);
            connections.push(connection);
        }
    }
}
