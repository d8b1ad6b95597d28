//! MessagePack, one token at a time.
//!
//! Bytes go in, [`Token`]s come out whose text and bytes are slices of them. A container is its length alone;
//! what follows is the reader's caller to count. Source: MessagePack specification, "Formats".

use rmp::Marker;

use super::DecodeError;

/// One value, or the beginning of a container.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    /// JavaScript's `undefined`: an extension of type 0 and length 1.
    Undefined,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// Milliseconds since 1970; `None` for a date that has none.
    Date(Option<i64>),
    /// An extension that means nothing here.
    Extension(i8, &'a [u8]),
    Array(u32),
    Map(u32),
}

/// What is left of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message, length: message.len() }
    }

    /// How many bytes have been read.
    pub(super) fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes the next token.
    pub(super) fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        let at = self.at();
        Ok(match Marker::from_u8(self.number(u8::from_be_bytes)?) {
            Marker::Null => Token::Nil,
            Marker::Reserved => return Err(DecodeError::Reserved { at }),
            Marker::False => Token::Bool(false),
            Marker::True => Token::Bool(true),
            Marker::FixPos(value) => Token::Unsigned(value.into()),
            Marker::U8 => Token::Unsigned(self.number(u8::from_be_bytes)?.into()),
            Marker::U16 => Token::Unsigned(self.number(u16::from_be_bytes)?.into()),
            Marker::U32 => Token::Unsigned(self.number(u32::from_be_bytes)?.into()),
            Marker::U64 => Token::Unsigned(self.number(u64::from_be_bytes)?),
            Marker::FixNeg(value) => signed(value),
            Marker::I8 => signed(self.number(i8::from_be_bytes)?),
            Marker::I16 => signed(self.number(i16::from_be_bytes)?),
            Marker::I32 => signed(self.number(i32::from_be_bytes)?),
            Marker::I64 => signed(self.number(i64::from_be_bytes)?),
            Marker::F32 => Token::Float(self.number(f32::from_be_bytes)?.into()),
            Marker::F64 => Token::Float(self.number(f64::from_be_bytes)?),
            Marker::FixStr(length) => self.text(length.into())?,
            marker @ (Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                let length = self.length(marker)?;
                self.text(length)?
            }
            marker @ (Marker::Bin8 | Marker::Bin16 | Marker::Bin32) => {
                let length = self.length(marker)?;
                Token::Bytes(self.slice(length)?)
            }
            Marker::FixArray(length) => Token::Array(length.into()),
            marker @ (Marker::Array16 | Marker::Array32) => Token::Array(self.length(marker)?),
            Marker::FixMap(length) => Token::Map(length.into()),
            marker @ (Marker::Map16 | Marker::Map32) => Token::Map(self.length(marker)?),
            marker => self.extension(marker)?,
        })
    }

    /// Passes over one value, however deep.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut left = 1_u64;
        while left > 0 {
            left -= 1;
            left += match self.token()? {
                Token::Array(length) => length.into(),
                Token::Map(length) => 2 * u64::from(length),
                _ => 0,
            };
        }
        Ok(())
    }

    fn extension(&mut self, marker: Marker) -> Result<Token<'a>, DecodeError> {
        let length = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            marker => self.length(marker)?,
        };
        let kind = self.number(i8::from_be_bytes)?;
        let data = self.slice(length)?;
        Ok(match (kind, marker, data) {
            (0, Marker::FixExt1, _) => Token::Undefined,
            (0, Marker::FixExt8, &[a, b, c, d, e, f, g, h]) => {
                Token::Date(Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])))
            }
            // An `ArrayBuffer`, or an array on one.
            (0, Marker::Ext8 | Marker::Ext16 | Marker::Ext32, _) => Token::Bytes(data),
            (TIMESTAMP, ..) => timestamp(data).unwrap_or(Token::Extension(kind, data)),
            _ => Token::Extension(kind, data),
        })
    }

    /// The length that follows a marker: 8, 16 or 32 bits.
    fn length(&mut self, marker: Marker) -> Result<u32, DecodeError> {
        match marker {
            Marker::Str8 | Marker::Bin8 | Marker::Ext8 => {
                self.number(u8::from_be_bytes).map(Into::into)
            }
            Marker::Str16 | Marker::Bin16 | Marker::Ext16 | Marker::Array16 | Marker::Map16 => {
                self.number(u16::from_be_bytes).map(Into::into)
            }
            _ => self.number(u32::from_be_bytes),
        }
    }

    fn text(&mut self, length: u32) -> Result<Token<'a>, DecodeError> {
        let at = self.at();
        let text = std::str::from_utf8(self.slice(length)?);
        text.map(Token::Text).map_err(|_| DecodeError::NotUtf8 { at })
    }

    fn slice(&mut self, length: u32) -> Result<&'a [u8], DecodeError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (slice, rest) = self.rest.split_at_checked(length).ok_or(self.too_short())?;
        self.rest = rest;
        Ok(slice)
    }

    fn number<T, const N: usize>(&mut self, from: fn([u8; N]) -> T) -> Result<T, DecodeError> {
        let (number, rest) = self.rest.split_first_chunk().ok_or(self.too_short())?;
        self.rest = rest;
        Ok(from(*number))
    }

    fn too_short(&self) -> DecodeError {
        DecodeError::TooShort { length: self.length }
    }
}

fn signed(value: impl Into<i64>) -> Token<'static> {
    let value = value.into();
    u64::try_from(value).map_or(Token::Negative(value), Token::Unsigned)
}

/// The type of the specification's own extension.
const TIMESTAMP: i8 = -1;

/// A date in one of its three forms (MessagePack specification, "Timestamp extension type").
fn timestamp<'a>(data: &[u8]) -> Option<Token<'a>> {
    /// Bits of the seconds behind the nanoseconds.
    const SECONDS: u32 = 34;
    let (seconds, nanoseconds) = match *data {
        [a, b, c, d] => (u32::from_be_bytes([a, b, c, d]).into(), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            let seconds = both & ((1 << SECONDS) - 1);
            (i64::try_from(seconds).ok()?, both >> SECONDS)
        }
        [a, b, c, d, ref seconds @ ..] => {
            let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
            (seconds, u32::from_be_bytes([a, b, c, d]).into())
        }
        _ => return None,
    };
    let milliseconds = i64::try_from(nanoseconds / 1_000_000).ok()?;
    let whole = seconds.checked_mul(1000);
    Some(Token::Date(whole.and_then(|whole| whole.checked_add(milliseconds))))
}
