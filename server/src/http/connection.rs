//! One HTTP connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use claviger_plugin_sdk::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::activity::{Activity, Over, Traced, Watch};
use super::parts::Parts;
use super::untaken::until_taken;
use super::{Http, router};
use crate::connection::Connection;
use crate::lane::Beside;
use crate::patience;
use crate::room::Room;
use crate::shutdown::Ending;

/// HTTP/2 streams that a connection may have open.
const STREAMS: u32 = 128;

/// Streams that a client may have reset before they were looked at, and those that were reset for what it did. A client
/// that goes on opening and resetting streams is sent away (CVE-2023-44487).
const RESET: usize = 20;
const WRONG: usize = 128;

/// Bytes of an HTTP/2 connection, and of each of its streams, that come before the server reads them.
const WINDOW: u32 = 1 << 20;
const STREAM_WINDOW: u32 = 256 << 10;

/// Bytes of a stream that wait to be sent.
const TO_SEND: usize = 64 << 10;

/// Serves a connection until its client has gone, has had its time, or the server is ending.
pub(crate) async fn serve<S>(http: Arc<Http>, connection: Connection, stream: S, http2: bool, ending: Ending)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seat = connection.seat().clone();
    let activity = Arc::new(Activity::new(http2, &seat));
    let room = http.room.clone();
    let header_size = room.header_size;
    let watched = Watched { room: &room, activity: &activity };
    let stream = TokioIo::new(Traced::new(stream, activity.clone()));
    let service = Arc::new((http, connection, activity.clone()));
    let service = service_fn(move |request| answer(&service, request));
    if http2 {
        let serving = http2::Builder::new(Beside::of(&seat, &room.bulk))
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESET)
            .max_local_error_reset_streams(WRONG)
            // It bounds the frames that a head may be continued in, too.
            .max_header_list_size(u32::try_from(header_size).unwrap_or(u32::MAX))
            .initial_connection_window_size(WINDOW)
            .initial_stream_window_size(STREAM_WINDOW)
            .max_send_buf_size(TO_SEND)
            .serve_connection(stream, service);
        drive(serving, http2::Connection::graceful_shutdown, watched, ending).await;
    } else {
        let serving = http1::Builder::new()
            .max_buf_size(header_size)
            // 100 header fields are what it takes by itself, without memory of their own.
            .serve_connection(stream, service);
        drive(serving, http1::Connection::graceful_shutdown, watched, ending).await;
    }
}

/// What tells whether a connection is used, and who is told when it is too slowly.
struct Watched<'c> {
    room: &'c Room,
    activity: &'c Activity,
}

type Service = Arc<(Arc<Http>, Connection, Arc<Activity>)>;

/// Answers a request. The future is boxed, since hyper moves it, and small where the answer is there already.
fn answer(
    service: &Service,
    request: Request<Incoming>,
) -> BoxFuture<'static, Result<Response<Parts>, Infallible>> {
    let (http, connection, activity) = &**service;
    let answering = activity.begin();
    http.metrics.http_requests.fetch_add(1, Relaxed);
    if let Some(answer) = router::answer_at_once(http, connection, &request) {
        if !activity.is_multiplexed() {
            return Box::pin(ready(Ok(answer.map(Parts::of))));
        }
        let (activity, bulk) = (activity.clone(), http.room.bulk.clone());
        return Box::pin(async move { Ok(until_taken(answer, None, &activity, &bulk).await.map(Parts::of)) });
    }
    let service = service.clone();
    Box::pin(async move {
        let _answering = answering;
        let (http, connection, activity) = &*service;
        activity.erased().await;
        let (answer, turn) = router::answer(http, connection, request).await;
        Ok(until_taken(answer, turn, activity, &http.room.bulk).await.map(Parts::of))
    })
}

/// Lets a connection run. Errors are the client's affair: it broke off, or does not speak HTTP.
async fn drive<C, E>(
    serving: C,
    close: fn(Pin<&mut C>),
    Watched { room, activity }: Watched<'_>,
    mut ending: Ending,
) where
    C: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let (mut serving, mut watch) = (pin!(serving), Watch::default());
    let mut looks = interval_at(Instant::now() + patience::LOOK_EVERY, patience::LOOK_EVERY);
    // A look that comes late stands for no more time than others.
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut closing = false;
    loop {
        tokio::select! {
            biased;
            result = serving.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            _ = looks.tick() => {
                match watch.is_over(activity, patience::LOOK_EVERY) {
                    None => {}
                    Some(Over::Idle) => return,
                    Some(Over::TooSlow) => return room.note_slow(),
                }
            }
            () = ending.begins(), if !closing => {
                closing = true;
                close(serving.as_mut());
            }
        }
    }
}
