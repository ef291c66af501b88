//! `Hello`: describes an object to whoever may read its attributes.

use claviger_plugin_sdk::prelude::*;

/// The operation's code; vendors choose from 0x80000000 upwards.
pub const HELLO: OperationCode = OperationCode(0x8000_4E10);

structure! {
    /// Which object to describe.
    pub struct HelloRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The greeting.
    pub struct HelloResponse {
        /// The object.
        unique_identifier: UniqueIdentifier = UNIQUE_IDENTIFIER,
        /// The greeting, with the object's type and state.
        comment: String = COMMENT,
    }
}

/// Describes an object.
pub struct Hello;

impl Operation for Hello {
    type Request = HelloRequest;
    type Response = HelloResponse;

    const NAME: &'static str = "Hello";
    const SPEC: OperationSpec = OperationSpec {
        code: HELLO,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &HelloRequest) -> Targets {
        // Whoever may read the attributes may hear them.
        let target = Target::subject(request.unique_identifier.clone(), OperationCode::GET_ATTRIBUTES);
        Targets::one(target.states(StateSet::ALL))
    }

    async fn run(&self, cx: &mut Context<'_>, _: HelloRequest) -> Result<HelloResponse> {
        let object = cx.subject()?;
        cx.audit_detail("greeted", object.owner().to_string());
        Ok(HelloResponse {
            comment: format!(
                "Hello {}, this is a {:?} in state {:?}",
                cx.principal().user,
                object.object_type(),
                object.state()
            ),
            unique_identifier: object.id().as_str().into(),
        })
    }
}
register_operation!(Hello);

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Hello, HelloRequest { unique_identifier: Some("a".into()) },);
}
