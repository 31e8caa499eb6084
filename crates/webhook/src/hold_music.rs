//! What waiting customers hear when the office chose no music of its own: ten seconds of soft chords, made here, so
//! that nothing has to be licensed or hosted.

use std::f32::consts::TAU;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::server::App;

/// Samples a second: what a telephone carries.
const RATE: u32 = 8_000;
/// Four chords of 2.5 s, as frequencies in Hz.
const CHORDS: [[f32; 3]; 4] = [
    [261.6, 329.6, 392.0],
    [220.0, 261.6, 329.6],
    [174.6, 220.0, 261.6],
    [196.0, 246.9, 293.7],
];

/// A WAV file of 80 KB, 8 bits a sample.
#[derive(Clone, Debug)]
pub struct HoldMusic(Arc<[u8]>);

impl Default for HoldMusic {
    fn default() -> Self {
        let per_chord = RATE * 5 / 2;
        let samples: Vec<u8> = CHORDS
            .iter()
            .flat_map(|chord| (0..per_chord).map(|n| sample(chord, n, per_chord)))
            .collect();
        let length = u32::try_from(samples.len()).unwrap_or_default();
        let mut file = Vec::with_capacity(samples.len() + 44);
        file.extend_from_slice(b"RIFF");
        file.extend_from_slice(&(36 + length).to_le_bytes());
        file.extend_from_slice(b"WAVEfmt ");
        // PCM, one channel, one byte a sample.
        for (number, bytes) in [
            (16, 4),
            (1, 2),
            (1, 2),
            (RATE, 4),
            (RATE, 4),
            (1, 2),
            (8, 2),
        ] {
            file.extend_from_slice(&u32::to_le_bytes(number)[..bytes]);
        }
        file.extend_from_slice(b"data");
        file.extend_from_slice(&length.to_le_bytes());
        file.extend(samples);
        Self(file.into())
    }
}

/// The mean of three sines that swell and fade, at a fifth of full volume.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers, and a sample between 100 and 156"
)]
fn sample(chord: &[f32; 3], n: u32, of: u32) -> u8 {
    let t = n as f32 / RATE as f32;
    let swell = (TAU * n as f32 / of as f32 / 2.0).sin();
    let tone: f32 = chord.iter().map(|hz| (TAU * hz * t).sin()).sum::<f32>() / 3.0;
    (128.0 + 28.0 * swell * tone) as u8
}

/// `GET /twilio/hold.wav`.
pub async fn hold_music(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "audio/wav"),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, Bytes::from_owner(app.hold_music.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ten_seconds_of_something() {
        let music = HoldMusic::default();
        assert_eq!(music.0.len(), 44 + 10 * 8_000);
        assert_eq!(&music.0[..4], b"RIFF");
        let (low, high) = (music.0[44..].iter().min(), music.0[44..].iter().max());
        assert!(low < Some(&115) && high > Some(&141), "{low:?} {high:?}");
    }
}
