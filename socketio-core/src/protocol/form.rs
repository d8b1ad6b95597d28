//! The field `d` of a form, in which pages post packets that can't send a request of their own.
//!
//! The body of a POST goes in, the field's text comes out; the JSONP decoders call it. Linear time.
//! Source: URL standard, "application/x-www-form-urlencoded parsing".

/// The first field `d`, unescaped; `None` if there is none, or one that is not UTF-8 or badly escaped.
pub(super) fn field(body: &[u8]) -> Option<String> {
    let mut fields = body.split(|byte| *byte == b'&');
    let field = fields.find_map(|field| field.strip_prefix(b"d="))?;
    String::from_utf8(unescape(field)?).ok()
}

fn unescape(field: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (hex(*rest.next()?)? << 4) | hex(*rest.next()?)?,
            byte => byte,
        });
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}
