//! What the tests are made of.

pub(crate) mod dialect;
pub(crate) mod doorkeeper;
pub(crate) mod operations;
pub(crate) mod plugin;
pub(crate) mod schemes;
pub(crate) mod store;
pub(crate) mod tags;
pub(crate) mod world;

pub(crate) use operations::{Ask, Tell};
pub(crate) use world::{NOW, Setup, World};
