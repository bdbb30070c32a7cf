//! Uncompressed samples of every width, from the middle of a file.
use super::Decode;
use std::io::Read;

/// Frames read at a time.
const FRAMES: usize = 4096;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    /// 8 bits with 128 in the middle.
    Unsigned8,
    /// Whole numbers of 1 to 4 bytes.
    Signed {
        num_bytes: usize,
    },
    Float32,
    Float64,
}

impl Sample {
    pub fn num_bytes(self) -> usize {
        match self {
            Sample::Unsigned8 => 1,
            Sample::Signed { num_bytes } => num_bytes,
            Sample::Float32 => 4,
            Sample::Float64 => 8,
        }
    }

    /// Little-endian bytes, as many as [`num_bytes`](Self::num_bytes), to -1.0..1.0.
    fn value(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Sample::Unsigned8, [byte]) => (f32::from(*byte) - 128.0) / 128.0,
            (Sample::Float32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Sample::Float64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
            (Sample::Signed { .. }, bytes) => {
                // In the uppermost bytes of 32 bits, whatever the width.
                let mut wide = [0u8; 4];
                let unused = wide.len().saturating_sub(bytes.len());
                wide[unused..].copy_from_slice(&bytes[..bytes.len().min(4)]);
                (f64::from(i32::from_le_bytes(wide)) / 2_147_483_648.0) as f32
            }
            _ => 0.0,
        }
    }
}

/// Reads interleaved samples up to a number of bytes.
pub(crate) struct Pcm<R> {
    pub input: R,
    pub sample: Sample,
    pub is_big_endian: bool,
    pub num_channels: u16,
    /// Bytes that are left by what the header says.
    pub num_left: u64,
    /// The header says nothing: up to the end of the file.
    pub is_open_ended: bool,
}

impl<R: Read + Send> Decode for Pcm<R> {
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String> {
        let frame_bytes = self.sample.num_bytes() * usize::from(self.num_channels);
        let num_wanted = self.num_left.min((FRAMES * frame_bytes) as u64) as usize;
        let mut bytes = vec![0u8; num_wanted];
        let num_read = read_up_to(&mut self.input, &mut bytes).map_err(|error| error.to_string())?;
        bytes.truncate(num_read - num_read % frame_bytes);
        for bytes in bytes.chunks_exact_mut(self.sample.num_bytes()) {
            if self.is_big_endian {
                bytes.reverse();
            }
            out.push(self.sample.value(bytes));
        }
        if num_read < num_wanted && !self.is_open_ended {
            let missing = self.num_left - num_read as u64;
            self.num_left = 0;
            return Err(format!("{missing} bytes are missing at its end"));
        }
        self.num_left -= num_read as u64;
        Ok(num_read == num_wanted && self.num_left >= frame_bytes as u64)
    }
}

/// As `read_exact`, but the end of the file is no error.
fn read_up_to(input: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<usize> {
    let mut num_read = 0;
    while num_read < bytes.len() {
        match input.read(&mut bytes[num_read..]) {
            Ok(0) => break,
            Ok(more) => num_read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(num_read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_reaches_from_minus_one_to_one() {
        assert_eq!(Sample::Unsigned8.value(&[0]), -1.0);
        assert_eq!(Sample::Unsigned8.value(&[192]), 0.5);
        assert_eq!(Sample::Signed { num_bytes: 2 }.value(&[0, 0x80]), -1.0);
        assert_eq!(Sample::Signed { num_bytes: 3 }.value(&[0, 0, 0x40]), 0.5);
        assert_eq!(Sample::Signed { num_bytes: 4 }.value(&[0, 0, 0, 0xc0]), -0.5);
        assert_eq!(Sample::Float64.value(&0.25f64.to_le_bytes()), 0.25);
    }
}
