//! The network's weights: the file, and what is checked of it.
//!
//! "CSN2", then as 32-bit little-endian integers the number of tensors and of each the number of its values; then for
//! each tensor its step (f32) and its values as 16-bit integers in those steps. tools/separator_training/weights.py
//! writes it.

/// The file that is built in.
pub(crate) static BUILT_IN: &[u8] = include_bytes!("../weights/network.bin");
const MAGIC: &[u8] = b"CSN2";
/// More tensors or values than this are in no file of ours.
const MAX_TENSORS: usize = 256;
const MAX_VALUES: usize = 1 << 22;

/// Why a file is not the network's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WeightsError {
    /// Other letters at the beginning.
    #[error("these are no weights of the separator")]
    Magic,
    /// It ends too early or goes on after the last tensor.
    #[error("the weights have {num_bytes} bytes and {wanted_bytes} are due")]
    Length {
        /// What there is.
        num_bytes: usize,
        /// What the header asks for.
        wanted_bytes: usize,
    },
    /// Other tensors than the network's.
    #[error("the weights have other sizes than the network: {found:?} for {wanted:?}")]
    Sizes {
        /// In the file.
        found: Vec<usize>,
        /// Of the network.
        wanted: Vec<usize>,
    },
    /// A tensor's step is no positive number.
    #[error("tensor {tensor} of the weights is broken")]
    NotFinite {
        /// Its place in the file.
        tensor: usize,
    },
}

/// The tensors of a file, whose sizes have to be `wanted`.
///
/// # Errors
/// [`WeightsError`].
pub(crate) fn read(file: &[u8], wanted: &[usize]) -> Result<Vec<Vec<f32>>, WeightsError> {
    let body = file.strip_prefix(MAGIC).ok_or(WeightsError::Magic)?;
    let short = |wanted_bytes: usize| WeightsError::Length { num_bytes: file.len(), wanted_bytes };
    let word = |number: usize| -> Option<usize> {
        let bytes = body.get(4 * number..4 * number + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let count = word(0).filter(|count| *count <= MAX_TENSORS).ok_or(short(8))?;
    let sizes: Option<Vec<usize>> = (1..=count).map(word).collect();
    let found = sizes.ok_or(short(8 + 4 * count))?;
    if found != wanted || found.iter().sum::<usize>() > MAX_VALUES {
        return Err(WeightsError::Sizes { found, wanted: wanted.to_vec() });
    }
    let wanted_bytes = 8 + 4 * count + found.iter().map(|size| 4 + 2 * size).sum::<usize>();
    if file.len() != wanted_bytes {
        return Err(short(wanted_bytes));
    }
    let mut rest = &body[4 + 4 * count..];
    let mut tensors = Vec::with_capacity(count);
    for (tensor, size) in found.into_iter().enumerate() {
        let (values, later) = rest.split_at(4 + 2 * size);
        let step = f32::from_le_bytes([values[0], values[1], values[2], values[3]]);
        if !(step.is_finite() && step > 0.0) {
            return Err(WeightsError::NotFinite { tensor });
        }
        let value = |bytes: &[u8]| step * f32::from(i16::from_le_bytes([bytes[0], bytes[1]]));
        tensors.push(values[4..].chunks_exact(2).map(value).collect());
        rest = later;
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut file = b"CSN2".to_vec();
        for word in [2_u32, 2, 1] {
            file.extend(word.to_le_bytes());
        }
        for (step, values) in [(0.5_f32, &[3_i16, -4][..]), (2.0, &[1])] {
            file.extend(step.to_le_bytes());
            values.iter().for_each(|value| file.extend(value.to_le_bytes()));
        }
        file
    }

    #[test]
    fn what_is_whole_is_read() {
        assert_eq!(read(&file(), &[2, 1]).unwrap(), [vec![1.5, -2.0], vec![2.0]]);
    }

    #[test]
    fn what_is_not_is_said() {
        let whole = file();
        assert_eq!(read(b"RIFF", &[2, 1]), Err(WeightsError::Magic));
        assert!(matches!(read(&whole, &[1, 2]), Err(WeightsError::Sizes { .. })));
        for end in 4..whole.len() {
            assert!(read(&whole[..end], &[2, 1]).is_err(), "{end}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(matches!(read(&longer, &[2, 1]), Err(WeightsError::Length { num_bytes: 31, wanted_bytes: 30 })));
        let mut broken = whole;
        broken[16..20].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(read(&broken, &[2, 1]), Err(WeightsError::NotFinite { tensor: 0 }));
    }
}
