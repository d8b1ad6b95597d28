//! Values of MessagePack as JSON text with attachments.
//!
//! What JSON has no word for is written as `JSON.stringify` writes it: `undefined` is left out of objects and
//! null in lists, a number that is none is null, a date its text; but bytes are placeholders.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use super::token::{Reader, Token};
use super::{DecodeError, MAX_DEPTH, date};

/// JSON that is being written from a message.
pub(super) struct Json<'a> {
    message: &'a Bytes,
    max_attachments: usize,
    text: Vec<u8>,
    attachments: Vec<Bytes>,
}

impl<'a> Json<'a> {
    /// Writes the value that begins with a token; gives its text and its attachments.
    pub(super) fn write(
        message: &'a Bytes,
        reader: &mut Reader<'a>,
        first: Token<'a>,
        max_attachments: usize,
    ) -> Result<(String, Vec<Bytes>), DecodeError> {
        let text = Vec::with_capacity(message.len());
        let mut json = Self { message, max_attachments, text, attachments: Vec::new() };
        json.value(reader, first, 0)?;
        let text = String::from_utf8(json.text).map_err(|_| DecodeError::NotUtf8 { at: 0 })?;
        Ok((text, json.attachments))
    }

    fn value(
        &mut self,
        reader: &mut Reader<'a>,
        token: Token<'a>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        match token {
            Token::Nil | Token::Undefined | Token::Date(None) => self.put("null"),
            Token::Bool(value) => self.put_json(&value),
            Token::Unsigned(value) => self.put_json(&value),
            Token::Negative(value) => self.put_json(&value),
            Token::Float(value) => self.float(value),
            Token::Text(text) => self.put_json(text),
            Token::Bytes(bytes) => self.attach(bytes)?,
            Token::Date(Some(milliseconds)) => self.put_json(&date::to_iso(milliseconds)),
            Token::Extension(kind, bytes) => {
                self.put("[");
                self.put_json(&kind);
                self.put(",");
                self.attach(bytes)?;
                self.put("]");
            }
            Token::Array(length) => self.array(reader, length, deeper(depth)?)?,
            Token::Map(length) => self.map(reader, length, deeper(depth)?)?,
        }
        Ok(())
    }

    fn array(
        &mut self,
        reader: &mut Reader<'a>,
        length: u32,
        depth: usize,
    ) -> Result<(), DecodeError> {
        self.put("[");
        for index in 0..length {
            if index > 0 {
                self.put(",");
            }
            let token = reader.token()?;
            self.value(reader, token, depth)?;
        }
        self.put("]");
        Ok(())
    }

    fn map(
        &mut self,
        reader: &mut Reader<'a>,
        length: u32,
        depth: usize,
    ) -> Result<(), DecodeError> {
        self.put("{");
        let mut is_first = true;
        for _ in 0..length {
            let at = reader.at();
            let key = key(reader.token()?).ok_or(DecodeError::Key { at })?;
            let token = reader.token()?;
            if token == Token::Undefined {
                continue;
            }
            if !is_first {
                self.put(",");
            }
            is_first = false;
            self.put_json(&key);
            self.put(":");
            self.value(reader, token, depth)?;
        }
        self.put("}");
        Ok(())
    }

    fn float(&mut self, value: f64) {
        match whole(value) {
            Some(whole) => self.put_json(&whole),
            None => self.put_json(&value),
        }
    }

    fn attach(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let num = self.attachments.len();
        if num >= self.max_attachments {
            return Err(DecodeError::TooManyAttachments { limit: self.max_attachments });
        }
        self.attachments.push(self.message.slice_ref(bytes));
        self.put(&format!(r#"{{"_placeholder":true,"num":{num}}}"#));
        Ok(())
    }

    fn put(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Writes a scalar, for which serde_json has no errors.
    fn put_json<T: Serialize + ?Sized>(&mut self, value: &T) {
        let _infallible = serde_json::to_writer(&mut self.text, value);
    }
}

fn deeper(depth: usize) -> Result<usize, DecodeError> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(DecodeError::TooDeep) }
}

/// The integer that a number is, if JavaScript has it exactly: there is one kind of numbers there.
fn whole(value: f64) -> Option<i64> {
    /// 2^53.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

/// A key's text, as JavaScript makes one of it.
fn key(token: Token<'_>) -> Option<Cow<'_, str>> {
    Some(match token {
        Token::Text(text) => Cow::Borrowed(text),
        Token::Nil => "null".into(),
        Token::Undefined => "undefined".into(),
        Token::Bool(value) => value.to_string().into(),
        Token::Unsigned(value) => value.to_string().into(),
        Token::Negative(value) => value.to_string().into(),
        Token::Float(value) => match whole(value) {
            Some(whole) => whole.to_string().into(),
            None => value.to_string().into(),
        },
        _ => return None,
    })
}
