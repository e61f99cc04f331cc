//! The runtimes that the driver has adapters for, so that one test body runs on each.
//!
//! Servers, people and the test itself are always on tokio: only the agent changes places.

use authloop_async_std::AsyncStd;
use authloop_core::agent::config::Config;
use authloop_driver::{Handle, Options, Runtime};
use authloop_tokio::Tokio;

/// An adapter, with what its users do beside the driver's own needs.
pub trait Adapter: Runtime + Default {
    /// Lets a future run on the runtime.
    fn spawn(future: impl Future<Output: Send> + Send + 'static);

    /// Calls the adapter's own `hand_off`.
    fn hand_off(options: Options, config: Config) -> Handle;
}

impl Adapter for Tokio {
    fn spawn(future: impl Future<Output: Send> + Send + 'static) {
        tokio::spawn(async { drop(future.await) });
    }

    fn hand_off(options: Options, config: Config) -> Handle {
        authloop_tokio::hand_off(options, config)
    }
}

impl Adapter for AsyncStd {
    fn spawn(future: impl Future<Output: Send> + Send + 'static) {
        drop(async_std::task::spawn(async { drop(future.await) }));
    }

    fn hand_off(options: Options, config: Config) -> Handle {
        authloop_async_std::hand_off(options, config)
    }
}

/// Makes a test on each runtime out of each function that is generic over its [`Adapter`].
#[macro_export]
macro_rules! on_every_runtime {
    ($($story:ident),+ $(,)?) => {
        mod on_tokio {
            $(#[tokio::test]
            async fn $story() {
                super::$story::<authloop_tokio::Tokio>().await;
            })+
        }
        mod on_async_std {
            $(#[tokio::test]
            async fn $story() {
                super::$story::<authloop_async_std::AsyncStd>().await;
            })+
        }
    };
}
