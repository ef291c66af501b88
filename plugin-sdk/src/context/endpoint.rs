//! Which end of a connection asks (KMIP 2.1 section 6.1.54).

use super::Context;
use crate::error::Result;

impl Context<'_> {
    /// Has the server take the client's role on this connection once the message is answered: it then tells the client what
    /// becomes of the principal's objects, by Notify and Put.
    ///
    /// # Errors
    /// Feature Not Supported: the roles cannot change on this connection, or it is not the connection that proves the
    /// principal. Permission Denied: the credentials narrow the objects.
    pub fn become_client(&mut self) -> Result<()> {
        self.host.become_client()
    }
}
