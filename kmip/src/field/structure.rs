//! The declaration of a structure, from which its readers and writers are made.

/// Declares a struct that is a KMIP structure, with its decoder and encoder.
///
/// ```
/// use claviger_kmip::{structure, field::TtlvValue, Tag, Value};
///
/// structure! {
///     /// A version of the protocol.
///     pub struct Version {
///         /// The first number.
///         major: i32 = PROTOCOL_VERSION_MAJOR,
///         /// The second number.
///         minor: i32 = PROTOCOL_VERSION_MINOR,
///     }
/// }
///
/// let value = Version { major: 2, minor: 1 }.into_value();
/// assert_eq!(Version::from_value(Tag::PROTOCOL_VERSION, value).unwrap().minor, 1);
/// ```
///
/// Fields are written in the order of the declaration; they are read in any order. A field that the
/// declaration does not name is an error, so that nothing that a client asked for is passed over in silence.
#[macro_export]
macro_rules! structure {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $tag:ident,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::field::Structure for $name {
            const FIELDS: &'static [$crate::Tag] = &[$($crate::Tag::$tag,)*];
        }

        impl $crate::field::TtlvValue for $name {
            #[allow(unused_mut)]
            fn from_value(
                tag: $crate::Tag,
                value: $crate::Value,
            ) -> ::std::result::Result<Self, $crate::field::DecodeError> {
                let mut fields = $crate::field::Fields::of(stringify!($name), tag, value)?;
                let this = Self {
                    $($field: $crate::field::Field::take(&mut fields, $crate::Tag::$tag)?,)*
                };
                fields.finish()?;
                Ok(this)
            }

            #[allow(unused_mut)]
            fn into_value(self) -> $crate::Value {
                let mut children = ::std::vec::Vec::with_capacity(<Self as $crate::field::Structure>::FIELDS.len());
                $($crate::field::Field::put(self.$field, $crate::Tag::$tag, &mut children);)*
                $crate::Value::Structure(children)
            }

            // A structure without fields has no child to take, and an object stands beside its Object Type under that tag.
            #[allow(unused_mut, unreachable_patterns, clippy::never_loop, clippy::match_single_binding)]
            fn read(item: $crate::codec::binary::Item<'_>) -> ::std::option::Option<Self> {
                let mut children = item.fields()?;
                $(let mut $field = <<$type as $crate::field::Field>::Read as ::std::default::Default>::default();)*
                while let ::std::option::Option::Some(child) = children.next() {
                    match child.tag {
                        $($crate::Tag::$tag => <$type as $crate::field::Field>::add(&mut $field, child, children)?,)*
                        _ => return ::std::option::Option::None,
                    }
                }
                ::std::option::Option::Some(Self { $($field: <$type as $crate::field::Field>::done($field)?,)* })
            }

            fn write(self, tag: $crate::Tag, out: &mut ::std::vec::Vec<u8>) {
                $crate::codec::binary::append_structure(tag, out, |_out| {
                    $($crate::field::Field::append(self.$field, $crate::Tag::$tag, _out);)*
                });
            }
        }
    };
}
