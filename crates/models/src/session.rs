//! One model file that is open: named tensors in, named tensors out.
mod load_switch;
mod loaders;
mod model;
mod pace;
mod value;
mod watch;

pub(crate) use load_switch::LoadCancellation;
pub(crate) use loaders::Loaders;
pub(crate) use model::Model;
pub use value::{Dim, Element, TensorInfo, Value};

use crate::onnx_file::OnnxFile;
use crate::{ModelError, RunControl};
use std::sync::Arc;

/// A model that is open; all copies are one, and those of other instances that opened the same file too. Runs of one
/// model wait for each other, as the runtime's own runs may not overlap safely.
#[derive(Clone)]
pub struct Session {
    model: Arc<Model>,
}

impl Session {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        Self { model }
    }

    /// The file's name, for messages.
    pub fn file(&self) -> &str {
        &self.model.name
    }

    /// What goes in.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.model.inputs
    }

    /// What comes out.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.model.outputs
    }

    /// An input by its name.
    pub fn input(&self, name: &str) -> Option<&TensorInfo> {
        self.inputs().iter().find(|info| info.name == name)
    }

    /// An output by its name.
    pub fn output(&self, name: &str) -> Option<&TensorInfo> {
        self.outputs().iter().find(|info| info.name == name)
    }

    /// Checks that an input is there, with these dimensions.
    ///
    /// # Errors
    /// [`ModelError::Layout`] names file and tensor.
    pub fn require_input(&self, name: &str, expected: &[Dim]) -> Result<&TensorInfo, ModelError> {
        self.require(self.input(name), name, expected)
    }

    /// Checks that an output is there, with these dimensions.
    ///
    /// # Errors
    /// [`ModelError::Layout`] names file and tensor.
    pub fn require_output(&self, name: &str, expected: &[Dim]) -> Result<&TensorInfo, ModelError> {
        self.require(self.output(name), name, expected)
    }

    fn require<'a>(
        &self,
        info: Option<&'a TensorInfo>,
        name: &str,
        expected: &[Dim],
    ) -> Result<&'a TensorInfo, ModelError> {
        match info {
            Some(info) if info.matches(expected) => Ok(info),
            _ => Err(ModelError::Layout {
                file: self.file().to_owned(),
                tensor: name.to_owned(),
                found: info.map_or_else(|| "not there".to_owned(), TensorInfo::to_string),
                expected: value::describe(expected),
            }),
        }
    }

    /// All tensors in words, for messages about models of an unknown kind.
    pub fn describe(&self) -> String {
        let list = |infos: &[TensorInfo]| {
            let shown = infos.iter().take(4).map(|info| format!("`{}` {info}", info.name)).collect::<Vec<_>>();
            let more = infos.len().saturating_sub(4);
            if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
        };
        format!("it takes {} and gives {}", list(self.inputs()), list(self.outputs()))
    }

    /// Runs the model once. Stops within 250 ms of a cancel (between two operations of the graph), waits while somebody
    /// else runs the same model, and loads it again if its memory was given back.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`], [`ModelError::Run`] or, where it had to be loaded again, what loading gives.
    pub fn run(&self, inputs: &[(&str, &Value)], control: &RunControl) -> Result<Outputs, ModelError> {
        let values = self.model.run(inputs, control)?;
        Ok(Outputs { file: self.file().to_owned(), values })
    }

    /// Says more about an output that is no number: the weight behind it, where there is one in the file.
    pub fn explain(&self, error: ModelError) -> ModelError {
        match &error {
            ModelError::NotFinite { file, .. } if file == self.file() => {
                let found = OnnxFile::read(self.model.path()).and_then(|model| model.check_numbers());
                found.err().unwrap_or(error)
            }
            _ => error,
        }
    }

    /// How many threads it runs on now: the setting, or one after a time when other programs held the processor.
    pub fn num_threads(&self) -> usize {
        self.model.num_threads()
    }
}

/// What one run gave.
pub struct Outputs {
    file: String,
    values: Vec<(String, Value)>,
}

impl Outputs {
    /// Takes an output out, to be read or fed to the next run.
    ///
    /// # Errors
    /// [`ModelError::Layout`] if the model gave none of that name, or it was taken before.
    pub fn take(&mut self, name: &str) -> Result<Value, ModelError> {
        match self.values.iter().position(|(found, _)| found == name) {
            Some(place) => Ok(self.values.swap_remove(place).1),
            None => Err(ModelError::Layout {
                file: self.file.clone(),
                tensor: name.to_owned(),
                found: "not there".to_owned(),
                expected: "an output".to_owned(),
            }),
        }
    }

    /// Takes an output of numbers out: its values, row by row; 16-bit ones are widened. Checks that it has this shape
    /// and that all are finite.
    ///
    /// # Errors
    /// [`ModelError::Layout`] or [`ModelError::NotFinite`], with file and tensor.
    pub fn take_finite(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let value = self.take_checked(name, shape)?;
        Ok(value.into_f32().unwrap_or_default())
    }

    /// As [`Outputs::take_finite`], without a copy of the numbers.
    ///
    /// # Errors
    /// [`ModelError::Layout`] or [`ModelError::NotFinite`], with file and tensor.
    pub fn take_checked(&mut self, name: &str, shape: &[usize]) -> Result<Value, ModelError> {
        let value = self.take(name)?;
        self.checked(name, value, shape)
    }

    pub(crate) fn checked(&self, name: &str, value: Value, shape: &[usize]) -> Result<Value, ModelError> {
        let (file, tensor) = (self.file.clone(), name.to_owned());
        // A sum of all is finite only if each is; it stays in registers where a search would branch.
        let sum = value.numbers_in_place().map(|numbers| numbers.iter().map(|value| f64::from(*value)).sum::<f64>());
        match sum {
            Some(sum) if value.shape() == shape && sum.is_finite() => Ok(value),
            Some(_) if value.shape() == shape => Err(ModelError::NotFinite { file, tensor }),
            _ => Err(ModelError::Layout { file, tensor, found: format!("{value:?}"), expected: format!("{shape:?}") }),
        }
    }
}
