//! Frames and the messages in them, and what breaks the rules.

use super::*;

const LIMIT: usize = 100_000;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The bytes of a client's frame; `first` is its first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0xff);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(0x88, &[&code.to_be_bytes(), reason].concat())
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

/// Takes what is there; an error ends the list.
fn drain(decoder: &mut Decoder) -> Vec<Result<Message, FrameError>> {
    std::iter::from_fn(|| decoder.next().transpose()).take(10).collect()
}

/// Feeds the bytes in pieces of every kind and expects the same of each.
fn check(bytes: &[u8], expected: &[Result<Message, FrameError>]) {
    let cuts = (0..=bytes.len()).map(|cut| {
        let (head, tail) = bytes.split_at(cut);
        vec![head, tail]
    });
    for pieces in cuts.chain([bytes.chunks(1).collect(), bytes.chunks(3).collect()]) {
        let mut decoder = Decoder::new(LIMIT);
        let mut found = Vec::new();
        for piece in pieces {
            if !matches!(found.last(), Some(Err(_))) {
                decoder.extend(piece);
                found.extend(drain(&mut decoder));
            }
        }
        if let Some(error) = found.iter().position(Result::is_err) {
            found.truncate(error + 1);
        }
        assert_eq!(found, expected, "{bytes:x?}");
    }
}

#[test]
fn valid_frames_become_messages_however_they_are_cut() {
    let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let long = "x".repeat(126);
    let snowman = "☃".as_bytes();
    let cases: &[(Vec<u8>, Vec<Message>)] = &[
        // Section 5.7, "A single-frame masked text message".
        (hello.to_vec(), vec![text("Hello")]),
        (frame(0x81, b""), vec![text("")]),
        (frame(0x81, snowman), vec![text("☃")]),
        (frame(0x81, long.as_bytes()), vec![text(&long)]),
        (frame(0x82, &[0, 255]), vec![Message::Binary(Bytes::from_static(&[0, 255]))]),
        (frame(0x89, b"ping"), vec![Message::Ping(Bytes::from_static(b"ping"))]),
        (frame(0x8a, b"whatever"), vec![Message::Pong]),
        (frame(0x88, b""), vec![Message::Close(None)]),
        (close(1000, b""), vec![Message::Close(Some(1000))]),
        (close(4999, "gründlich".as_bytes()), vec![Message::Close(Some(4999))]),
        // Length forms longer than needed are not refused.
        ([&[0x81, 0xfe, 0, 1, 0, 0, 0, 0], &b"a"[..]].concat(), vec![text("a")]),
        ([&[0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], &b"b"[..]].concat(), vec![text("b")]),
        // A character cut between fragments, and a ping between them.
        (
            [
                frame(0x01, &snowman[..1]),
                frame(0x89, b"!"),
                frame(0x00, &snowman[1..2]),
                frame(0x80, &snowman[2..]),
                frame(0x81, b"next"),
            ]
            .concat(),
            vec![Message::Ping(Bytes::from_static(b"!")), text("☃"), text("next")],
        ),
        (
            [frame(0x02, b"ab"), frame(0x00, b""), frame(0x80, b"c")].concat(),
            vec![Message::Binary(Bytes::from_static(b"abc"))],
        ),
        ([hello, hello, hello].concat(), vec![text("Hello"), text("Hello"), text("Hello")]),
    ];
    for (bytes, messages) in cases {
        check(bytes, &messages.iter().cloned().map(Ok).collect::<Vec<_>>());
    }
}

#[test]
fn every_violation_is_refused_with_its_code_however_it_is_cut() {
    use FrameError::*;
    let mut cases = vec![
        (vec![0x81, 0x05], Unmasked, 1002),
        (vec![0x09, 0x80], FragmentedControl, 1002),
        (vec![0x08, 0x80], FragmentedControl, 1002),
        (vec![0x89, 0xfe], LongControl, 1002),
        (vec![0x88, 0xff], LongControl, 1002),
        (vec![0x80, 0x80], StrayContinuation, 1002),
        (vec![0x00, 0x80], StrayContinuation, 1002),
        ([&frame(0x01, b"a")[..], &[0x81, 0x80]].concat(), Interleaved, 1002),
        ([&frame(0x01, b"a")[..], &[0x02, 0x80]].concat(), Interleaved, 1002),
        (vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], LengthOverflow, 1002),
        (vec![0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255], TooBig, 1009),
        (vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa1], TooBig, 1009),
        (frame(0x81, b"\xff"), NotUtf8, 1007),
        (frame(0x81, b"\xe2\x98"), NotUtf8, 1007),
        (frame(0x81, b"\xed\xa0\x80"), NotUtf8, 1007),
        ([frame(0x01, b"\xe2"), frame(0x80, b"a")].concat(), NotUtf8, 1007),
        (frame(0x88, &[3]), CloseCode, 1002),
        (close(1000, b"\xff"), NotUtf8, 1007),
    ];
    cases.extend([0x40, 0x20, 0x10, 0x70].map(|bit| (vec![0x81 | bit, 0x80], ReservedBits, 1002)));
    let opcodes = (0x3..=0x7).chain(0xb..=0xf);
    cases.extend(opcodes.map(|opcode| (vec![0x80 | opcode, 0x80], ReservedOpcode, 1002)));
    let codes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];
    cases.extend(codes.map(|code| (close(code, b""), CloseCode, 1002)));
    for (bytes, error, code) in cases {
        assert_eq!(error.close_code(), code);
        check(&bytes, &[Err(error)]);
    }
}

#[test]
fn every_close_code_of_the_registry_is_accepted() {
    for code in (1000..=1003).chain(1007..=1014).chain(3000..=4999) {
        check(&close(code, b""), &[Ok(Message::Close(Some(code)))]);
    }
}

#[test]
fn messages_before_a_violation_are_delivered() {
    let first = frame(0x81, b"fine");
    check(
        &[&first[..], &[0x83, 0x80]].concat(),
        &[Ok(text("fine")), Err(FrameError::ReservedOpcode)],
    );
}

#[test]
fn limit_is_inclusive_and_sums_over_fragments() {
    let cases: &[(&[&[u8]], bool)] = &[
        (&[b"12345678"], true),
        (&[b"123456789"], false),
        (&[b"1234", b"5678"], true),
        (&[b"1234", b"56789"], false),
        (&[b"1234", b"5678", b""], true),
        (&[b"1234", b"5678", b"9"], false),
    ];
    for (fragments, is_accepted) in cases {
        let mut decoder = Decoder::new(8);
        let mut found = Ok(None);
        for (index, payload) in fragments.iter().enumerate() {
            let fin = if index + 1 == fragments.len() { 0x80 } else { 0 };
            decoder.extend(&frame(fin | u8::from(index == 0), payload));
            found = decoder.next();
        }
        if *is_accepted {
            assert_eq!(found, Ok(Some(text("12345678"))));
        } else {
            assert_eq!(found, Err(FrameError::TooBig));
        }
    }
    let mut decoder = Decoder::new(0);
    decoder.extend(&frame(0x89, b"control frames are no messages"));
    assert!(matches!(decoder.next(), Ok(Some(Message::Ping(_)))));
}

#[test]
fn a_message_has_so_many_fragments_and_no_more() {
    for (more, last) in [(0, Ok(Some(text("")))), (1, Err(FrameError::TooManyFragments))] {
        let mut decoder = Decoder::new(LIMIT);
        decoder.extend(&frame(0x01, b""));
        for _ in 2..MAX_FRAGMENTS + more {
            decoder.extend(&frame(0x00, b""));
            assert_eq!(decoder.next(), Ok(None));
        }
        decoder.extend(&frame(0x80, b""));
        assert_eq!(decoder.next(), last);
    }
}

#[test]
fn an_announced_length_allocates_nothing() {
    let mut decoder = Decoder::new(usize::MAX);
    for byte in [0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5] {
        decoder.extend(&[byte]);
        assert_eq!(decoder.next(), Ok(None));
    }
    assert!(decoder.input.capacity() < 32);
}

#[test]
fn tiny_fragments_cost_their_payload() {
    let mut decoder = Decoder::new(LIMIT);
    decoder.extend(&frame(0x01, b"x"));
    for _ in 2..MAX_FRAGMENTS {
        let fragment = frame(0x00, b"x");
        for piece in fragment.chunks(1) {
            decoder.extend(piece);
            assert_eq!(decoder.next(), Ok(None));
        }
        assert_eq!(decoder.input.capacity(), 0);
    }
    let partial = decoder.partial.as_ref().unwrap();
    assert!(partial.payload.capacity() <= 2 * MAX_FRAGMENTS as usize);
}

#[test]
fn a_drained_decoder_owns_no_heap() {
    let mut decoder = Decoder::new(LIMIT);
    decoder.extend(&[frame(0x81, &[b'x'; 5000]), frame(0x89, b""), frame(0x81, b"")].concat());
    assert_eq!(drain(&mut decoder).len(), 3);
    assert!(!decoder.holds_bytes());
}

#[test]
fn payloads_of_a_burst_share_its_buffer_and_the_unfinished_rest_does_not() {
    let one = frame(0x82, &[b'x'; 1000]);
    let mut decoder = Decoder::new(LIMIT);
    decoder.extend(&[&one[..], &one, &one, &one[..10]].concat());
    let payloads = drain(&mut decoder);
    let mut starts: Vec<_> = payloads
        .iter()
        .map(|message| match message {
            Ok(Message::Binary(payload)) => payload.as_ptr() as usize,
            other => panic!("{other:?}"),
        })
        .collect();
    starts.push(decoder.input.as_ptr() as usize + one.len() - 1000);
    let steps: Vec<_> =
        starts.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]) == one.len()).collect();
    assert_eq!(steps, [true, true, false]);
}

#[test]
fn masks_apply_at_every_length() {
    for length in 0..40 {
        let mut payload: Vec<u8> = (0..length).collect();
        let plain = payload.clone();
        unmask(&mut payload, MASK);
        let expected = plain.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        assert_eq!(payload, expected.collect::<Vec<_>>());
    }
}

#[test]
fn sent_frames_are_final_unmasked_and_of_minimal_length() {
    let cases: &[(Opcode, usize, &[u8])] = &[
        (Opcode::Text, 0, &[0x81, 0]),
        (Opcode::Text, 125, &[0x81, 125]),
        (Opcode::Text, 126, &[0x81, 126, 0, 126]),
        (Opcode::Binary, 65_535, &[0x82, 126, 255, 255]),
        (Opcode::Binary, 65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        (Opcode::Ping, 4, &[0x89, 4]),
        (Opcode::Pong, 125, &[0x8a, 125]),
    ];
    let (mut buf, mut expected) = (Vec::new(), Vec::new());
    for (opcode, length, header) in cases {
        let payload = vec![b'x'; *length];
        let (head, rest) = payload.split_at(payload.len() / 3);
        put_frame(&mut buf, *opcode, [head, rest]);
        expected.extend([header, &payload[..]].concat());
    }
    put_close(&mut buf, None);
    put_close(&mut buf, Some(1001));
    expected.extend([0x88, 0, 0x88, 2, 0x03, 0xe9]);
    assert_eq!(buf, expected);
}

#[test]
fn every_error_says_something_of_its_own() {
    use FrameError::*;
    let errors = [
        ReservedBits,
        ReservedOpcode,
        Unmasked,
        FragmentedControl,
        LongControl,
        StrayContinuation,
        Interleaved,
        LengthOverflow,
        CloseCode,
        NotUtf8,
        TooManyFragments,
        TooBig,
    ];
    let texts: std::collections::HashSet<_> = errors.iter().map(|error| error.text()).collect();
    assert_eq!(texts.len(), errors.len());
}
