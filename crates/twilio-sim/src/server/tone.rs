//! The sound of a simulated recording.

/// Samples a second; one byte each.
const RATE: u32 = 8_000;
/// A longer recording sounds no different.
const LONGEST_S: u64 = 30;
/// In Hz: a soft hum.
const PITCH: f32 = 220.0;

/// A WAV file with a soft tone.
pub(super) fn wav(duration_s: u64) -> Vec<u8> {
    let seconds = u32::try_from(duration_s.clamp(1, LONGEST_S)).unwrap_or(1);
    let length = seconds * RATE;
    let mut file = Vec::with_capacity(44 + length as usize);
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    file.extend(1_u16.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    // One byte a sample, eight bits.
    file.extend(1_u16.to_le_bytes());
    file.extend(8_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    let one_second = (0..RATE).map(|n| {
        let at = n as f32 / RATE as f32;
        let wave = (at * PITCH * std::f32::consts::TAU).sin();
        (128.0 + 24.0 * wave) as u8
    });
    let one_second: Vec<u8> = one_second.collect();
    for _ in 0..seconds {
        file.extend(&one_second);
    }
    file
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_recording_is_a_wav_file_of_its_length() {
        let file = super::wav(3);
        assert_eq!(&file[..4], b"RIFF");
        assert_eq!(&file[8..16], b"WAVEfmt ");
        assert_eq!(file.len(), 44 + 3 * 8_000);
        let said = u32::from_le_bytes(file[4..8].try_into().unwrap());
        assert_eq!(said as usize, file.len() - 8);
        assert_eq!(super::wav(u64::MAX).len(), 44 + 30 * 8_000);
    }
}
