//! `Endpoints`: the table of the connection types that a server serves.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{Out, attrs, header, hygienic};

/// The impl, whose table is empty without `#[endpoints(…)]`.
pub(crate) fn endpoints(out: &Out<'_>) -> TokenStream {
    let private = &out.private;
    let connections = out.connection.endpoints.iter().flat_map(|endpoint| {
        let ty = &endpoint.ty;
        let (connection, connection_type) =
            (out.path("SocketConnection", ty), out.path("ConnectionType", ty));
        [
            quote_spanned!(hygienic()=> #ty: #connection_type),
            quote_spanned!(hygienic()=> #ty: #connection<__S>),
        ]
    });
    let header = header::header(out, "Endpoints", &connections.collect::<Vec<_>>());
    let lints = attrs::lints(out.connection.attrs);
    let rows = out.connection.endpoints.iter().map(|endpoint| {
        let (path, ty) = (&endpoint.path, &endpoint.ty);
        quote_spanned!(hygienic()=> table.add::<#ty>(#path);)
    });
    quote_spanned! {hygienic()=>
        #[automatically_derived]
        #lints
        #header {
            fn endpoints(table: &mut #private::EndpointTable<__S>) {
                let _ = &table;
                #(#rows)*
            }
        }
    }
}
