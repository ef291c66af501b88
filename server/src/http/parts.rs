//! Bodies of answers, in parts.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::bulk::LARGE;

/// A body that is handed over in parts that are not large. Hyper copies each part that it gets behind what it has to send,
/// for TLS: of a whole large body that takes milliseconds, for which others on the same threads wait.
pub(super) struct Parts {
    whole: Full<Bytes>,
    /// What is left of it since it was begun.
    rest: Bytes,
}

impl Parts {
    /// The parts of a body, which are no copies.
    pub(super) fn of(whole: Full<Bytes>) -> Self {
        Self { whole, rest: Bytes::new() }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            let Some(Ok(frame)) = ready!(Pin::new(&mut self.whole).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            self.rest = frame.into_data().unwrap_or_default();
        }
        let length = self.rest.len().min(LARGE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.whole.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64 + self.whole.size_hint().lower())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_body_comes_in_parts_that_are_not_large_and_whole() {
        for length in [0, 1, LARGE, LARGE + 1, 3 * LARGE] {
            let bytes: Bytes = (0..=u8::MAX).cycle().take(length).collect();
            let mut parts = Parts::of(Full::new(bytes.clone()));
            assert_eq!(parts.size_hint().exact(), Some(length as u64));
            let mut came = Vec::new();
            while let Some(part) = parts.frame().await {
                let part = part.unwrap().into_data().unwrap();
                assert!((1..=LARGE).contains(&part.len()));
                assert_eq!(part.as_ptr(), bytes[came.len()..].as_ptr(), "nothing is copied");
                came.extend_from_slice(&part);
                assert_eq!(parts.size_hint().exact(), Some((length - came.len()) as u64));
            }
            assert_eq!(came, bytes);
            assert!(parts.is_end_stream());
        }
    }
}
