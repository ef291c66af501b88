//! Stores over another store, which answer most as that one does.

/// Has another store answer methods of [`ObjectStore`](crate::store::ObjectStore): names the field that holds it, and the
/// methods.
///
/// ```
/// use claviger_plugin_sdk::store::{ApplyError, ChangeSet, ObjectStore};
/// use claviger_plugin_sdk::{BoxFuture, Error, forward_to_store};
///
/// /// Takes no writes.
/// struct ReadOnly<S> {
///     inner: S,
/// }
///
/// impl<S: ObjectStore> ObjectStore for ReadOnly<S> {
///     forward_to_store!(inner: namespace, properties, get, find, locate, grants);
///     forward_to_store!(inner: document, documents, document_kinds, health);
///
///     fn apply(&self, _: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
///         Box::pin(async { Err(ApplyError::Failed(Error::unsupported("the storage may only be read"))) })
///     }
/// }
/// ```
#[macro_export]
macro_rules! forward_to_store {
    ($inner:ident: $($method:ident),+ $(,)?) => {
        $($crate::forward_to_store!(@$method $inner);)+
    };
    (@namespace $inner:ident) => {
        fn namespace(&self) -> &::std::sync::Arc<str> {
            self.$inner.namespace()
        }
    };
    (@properties $inner:ident) => {
        fn properties(&self) -> $crate::store::StoreProperties {
            self.$inner.properties()
        }
    };
    (@get $inner:ident) => {
        fn get<'a>(
            &'a self,
            ids: &'a [$crate::record::ObjectId],
            subjects: &'a [$crate::store::Subject],
        ) -> $crate::BoxFuture<'a, $crate::Result<::std::vec::Vec<$crate::store::Stored>>> {
            self.$inner.get(ids, subjects)
        }
    };
    (@find $inner:ident) => {
        fn find<'a>(
            &'a self,
            filter: &'a $crate::filter::Filter,
            page: &'a $crate::filter::Page,
            subjects: &'a [$crate::store::Subject],
        ) -> $crate::BoxFuture<'a, $crate::Result<$crate::store::FoundPage>> {
            self.$inner.find(filter, page, subjects)
        }
    };
    (@locate $inner:ident) => {
        fn locate<'a>(
            &'a self,
            filter: &'a $crate::filter::Filter,
            page: &'a $crate::filter::Page,
        ) -> $crate::BoxFuture<'a, $crate::Result<$crate::store::FoundIds>> {
            self.$inner.locate(filter, page)
        }
    };
    (@grants $inner:ident) => {
        fn grants<'a>(
            &'a self,
            query: &'a $crate::store::GrantQuery,
        ) -> $crate::BoxFuture<'a, $crate::Result<::std::vec::Vec<$crate::store::Grant>>> {
            self.$inner.grants(query)
        }
    };
    (@document $inner:ident) => {
        fn document<'a>(
            &'a self,
            kind: &'a str,
            id: &'a str,
        ) -> $crate::BoxFuture<'a, $crate::Result<::std::option::Option<$crate::store::Document>>> {
            self.$inner.document(kind, id)
        }
    };
    (@documents $inner:ident) => {
        fn documents<'a>(
            &'a self,
            kind: &'a str,
            page: &'a $crate::store::DocumentPage,
        ) -> $crate::BoxFuture<
            'a,
            $crate::Result<::std::vec::Vec<(::std::string::String, $crate::store::Document)>>,
        > {
            self.$inner.documents(kind, page)
        }
    };
    (@document_kinds $inner:ident) => {
        fn document_kinds(
            &self,
        ) -> $crate::BoxFuture<'_, $crate::Result<::std::vec::Vec<::std::string::String>>> {
            self.$inner.document_kinds()
        }
    };
    (@apply $inner:ident) => {
        fn apply(
            &self,
            change: $crate::store::ChangeSet,
        ) -> $crate::BoxFuture<'_, $crate::Result<(), $crate::store::ApplyError>> {
            self.$inner.apply(change)
        }
    };
    (@health $inner:ident) => {
        fn health(&self) -> $crate::BoxFuture<'_, $crate::Result<()>> {
            self.$inner.health()
        }
    };
}
