//! Tensors by name, element and shape.
use crate::ModelError;
use half::f16;
use ort::value::{DynValue, Tensor, TensorElementType, ValueType};
use std::borrow::Cow;
use std::fmt;

/// What a tensor is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point.
    F16,
    /// 64-bit whole numbers.
    I64,
    /// 32-bit whole numbers.
    I32,
    /// Truth values.
    Bool,
    /// Anything else, or no tensor at all.
    Other,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Element::F32 => "f32",
            Element::F16 => "f16",
            Element::I64 => "i64",
            Element::I32 => "i32",
            Element::Bool => "bool",
            Element::Other => "something else",
        })
    }
}

impl From<TensorElementType> for Element {
    fn from(element: TensorElementType) -> Self {
        match element {
            TensorElementType::Float32 => Element::F32,
            TensorElementType::Float16 => Element::F16,
            TensorElementType::Int64 => Element::I64,
            TensorElementType::Int32 => Element::I32,
            TensorElementType::Bool => Element::Bool,
            _ => Element::Other,
        }
    }
}

/// A dimension that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dim {
    /// This size; a model that leaves it open will do as well.
    Is(usize),
    /// Any size.
    Any,
}

/// An input or output as the file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// As in the file.
    pub name: String,
    /// What it is made of.
    pub element: Element,
    /// None: decided at run time.
    pub dims: Vec<Option<usize>>,
}

impl TensorInfo {
    pub(super) fn new(name: &str, value_type: &ValueType) -> Self {
        let (element, dims) = match value_type {
            ValueType::Tensor { ty, shape, .. } => {
                // A dimension that is open is -1.
                (Element::from(*ty), shape.iter().map(|dim| usize::try_from(*dim).ok()).collect())
            }
            _ => (Element::Other, Vec::new()),
        };
        Self { name: name.to_owned(), element, dims }
    }

    /// Rank and every size that both know agree.
    pub fn matches(&self, expected: &[Dim]) -> bool {
        let agree = |(found, expected): (&Option<usize>, &Dim)| match (found, expected) {
            (Some(found), Dim::Is(size)) => found == size,
            _ => true,
        };
        self.dims.len() == expected.len() && self.dims.iter().zip(expected).all(agree)
    }
}

impl fmt::Display for TensorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims = self.dims.iter().map(|dim| dim.map_or_else(|| "?".to_owned(), |size| size.to_string()));
        write!(f, "{} [{}]", self.element, dims.collect::<Vec<_>>().join(", "))
    }
}

pub(super) fn describe(expected: &[Dim]) -> String {
    let dims = expected.iter().map(|dim| match dim {
        Dim::Is(size) => size.to_string(),
        Dim::Any => "?".to_owned(),
    });
    format!("[{}]", dims.collect::<Vec<_>>().join(", "))
}

/// A tensor, row by row. An output can be fed to the next run as it is, without a copy.
pub struct Value(pub(super) DynValue);

impl Value {
    /// 32-bit numbers.
    ///
    /// # Errors
    /// [`ModelError::Input`] if shape and length don't agree.
    pub fn f32(shape: &[usize], values: Vec<f32>) -> Result<Value, ModelError> {
        made(shape, Tensor::from_array((shape.to_vec(), values)).map(Tensor::into_dyn))
    }

    /// Numbers in the element that a model's input has: 16 or else 32 bits.
    ///
    /// # Errors
    /// As [`Value::f32`].
    pub fn numbers(element: Element, shape: &[usize], values: Vec<f32>) -> Result<Value, ModelError> {
        if element != Element::F16 {
            return Value::f32(shape, values);
        }
        let narrow: Vec<f16> = values.into_iter().map(f16::from_f32).collect();
        made(shape, Tensor::from_array((shape.to_vec(), narrow)).map(Tensor::into_dyn))
    }

    /// 64-bit whole numbers.
    ///
    /// # Errors
    /// As [`Value::f32`].
    pub fn i64(shape: &[usize], values: Vec<i64>) -> Result<Value, ModelError> {
        made(shape, Tensor::from_array((shape.to_vec(), values)).map(Tensor::into_dyn))
    }

    /// Truth values.
    ///
    /// # Errors
    /// As [`Value::f32`].
    pub fn bools(shape: &[usize], values: Vec<bool>) -> Result<Value, ModelError> {
        made(shape, Tensor::from_array((shape.to_vec(), values)).map(Tensor::into_dyn))
    }

    /// Sizes of all dimensions; empty for what is no tensor.
    pub fn shape(&self) -> Vec<usize> {
        match self.0.dtype() {
            ValueType::Tensor { shape, .. } => shape.iter().map(|dim| usize::try_from(*dim).unwrap_or(0)).collect(),
            _ => Vec::new(),
        }
    }

    /// What it is made of.
    pub fn element(&self) -> Element {
        match self.0.dtype() {
            ValueType::Tensor { ty, .. } => Element::from(*ty),
            _ => Element::Other,
        }
    }

    /// 32-bit numbers in place.
    pub fn as_f32(&self) -> Option<&[f32]> {
        self.0.try_extract_tensor::<f32>().ok().map(|(_, values)| values)
    }

    /// Numbers, in place if they have 32 bits; 16-bit ones widened.
    pub fn numbers_in_place(&self) -> Option<Cow<'_, [f32]>> {
        if let Some(values) = self.as_f32() {
            return Some(Cow::Borrowed(values));
        }
        let (_, values) = self.0.try_extract_tensor::<f16>().ok()?;
        Some(values.iter().map(|value| value.to_f32()).collect())
    }

    /// Numbers; 16-bit ones widened.
    pub fn into_f32(self) -> Option<Vec<f32>> {
        self.numbers_in_place().map(Cow::into_owned)
    }

    /// 64-bit whole numbers in place.
    pub fn as_i64(&self) -> Option<&[i64]> {
        self.0.try_extract_tensor::<i64>().ok().map(|(_, values)| values)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.element(), self.shape())
    }
}

fn made(shape: &[usize], value: ort::Result<DynValue>) -> Result<Value, ModelError> {
    let refused = |error: ort::Error| ModelError::Input { reason: format!("no tensor {shape:?}: {}", error.message()) };
    value.map(Value).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(dims: &[Option<usize>]) -> TensorInfo {
        TensorInfo { name: "mix".to_owned(), element: Element::F32, dims: dims.to_vec() }
    }

    #[test]
    fn open_dimensions_match_any_size_and_rank_must_agree() {
        let wave = info(&[None, Some(2), Some(343_980)]);
        assert!(wave.matches(&[Dim::Is(1), Dim::Is(2), Dim::Any]));
        assert!(!wave.matches(&[Dim::Is(1), Dim::Is(4), Dim::Any]));
        assert!(!wave.matches(&[Dim::Is(1), Dim::Is(2)]));
        assert_eq!(wave.to_string(), "f32 [?, 2, 343980]");
    }
}
