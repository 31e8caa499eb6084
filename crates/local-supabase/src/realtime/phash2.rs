//! The id that the real server gives a binding: `erlang:phash2/1` of the map that was asked for.
//!
//! Every recorded id is the one computed here, so that a client that remembers ids sees the same ones. Erlang's hash of a
//! map is independent of the order of its keys; that of a binary is Bob Jenkins' function of 1996. Values that are no
//! texts never stand in a binding that works; they are hashed by their JSON text, which Erlang does not.

use serde_json::{Map, Value};

const GOLDEN: u32 = 0x9e37_79b9;
/// Ids have 27 bits.
const MASK: u32 = (1 << 27) - 1;
/// Erlang seeds each kind of term with a multiple of [`GOLDEN`].
const BINARY: u32 = 13;
const MAP_SIZE: u32 = 16;
const MAP_PAIRS: u32 = 19;

/// The id of a binding.
pub(super) fn of_map(map: &Map<String, Value>) -> u32 {
    let size = u32::try_from(map.len()).unwrap_or(u32::MAX);
    let sized = number(size, MAP_SIZE, 0);
    if map.is_empty() {
        return sized & MASK;
    }
    let pairs = map.iter().fold(0, |pairs, (name, value)| {
        let value = match value {
            Value::String(text) => binary(text.as_bytes(), binary(name.as_bytes(), 0)),
            other => binary(other.to_string().as_bytes(), binary(name.as_bytes(), 0)),
        };
        pairs ^ value
    });
    number(pairs, MAP_PAIRS, sized) & MASK
}

fn number(value: u32, kind: u32, hash: u32) -> u32 {
    let seed = GOLDEN.wrapping_mul(kind);
    mix(seed.wrapping_add(value), seed, hash)
}

fn binary(bytes: &[u8], hash: u32) -> u32 {
    let seed = GOLDEN.wrapping_mul(BINARY).wrapping_add(hash);
    if bytes.is_empty() {
        return seed;
    }
    let (mut a, mut b, mut c) = (GOLDEN, GOLDEN, seed);
    let word = |bytes: &[u8]| {
        let shifted = bytes.iter().enumerate();
        shifted.fold(0, |word, (at, byte)| word | u32::from(*byte) << (8 * at))
    };
    let mut blocks = bytes.chunks_exact(12);
    for block in &mut blocks {
        a = a.wrapping_add(word(&block[..4]));
        b = b.wrapping_add(word(&block[4..8]));
        c = mix_all(&mut a, &mut b, c.wrapping_add(word(&block[8..])));
    }
    let rest = blocks.remainder();
    let part = |from: usize, to: usize| word(&rest[from.min(rest.len())..to.min(rest.len())]);
    a = a.wrapping_add(part(0, 4));
    b = b.wrapping_add(part(4, 8));
    // The lowest byte of the last word is the length's.
    c = c
        .wrapping_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
        .wrapping_add(part(8, 11) << 8);
    mix(a, b, c)
}

fn mix(mut a: u32, mut b: u32, c: u32) -> u32 {
    mix_all(&mut a, &mut b, c)
}

/// Jenkins' reversible mixing of three words; gives the third.
fn mix_all(a: &mut u32, b: &mut u32, mut c: u32) -> u32 {
    for (first, second, third) in [(13, 8, 13), (12, 16, 5), (3, 10, 15)] {
        *a = a.wrapping_sub(*b).wrapping_sub(c) ^ (c >> first);
        *b = b.wrapping_sub(c).wrapping_sub(*a) ^ (*a << second);
        c = c.wrapping_sub(*a).wrapping_sub(*b) ^ (*b >> third);
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_recorded_id_is_given_again() {
        let calls = |event: &str| json!({"event": event, "schema": "public", "table": "calls"});
        let filtered = |event: &str, filter: &str| json!({"event": event, "filter": filter, "schema": "public", "table": "calls"});
        let recorded = [
            (2_902_252, calls("*")),
            (124_212_776, calls("INSERT")),
            (36_626_489, calls("insert")),
            (39_553_408, filtered("UPDATE", "status=eq.ringing")),
            (96_632_442, filtered("*", "from_number=eq.+1142")),
            (104_336_405, filtered("*", "status=xx.1")),
            (80_831_464, filtered("*", "nope=eq.1")),
            (
                131_723_781,
                json!({"event": "*", "schema": "public", "table": "voip_users"}),
            ),
            (111_191_194, json!({"schema": "j1"})),
            (39_679_005, json!({})),
        ];
        for (id, binding) in recorded {
            let map = binding.as_object().expect("a map");
            assert_eq!(of_map(map), id, "{binding}");
        }
    }
}
