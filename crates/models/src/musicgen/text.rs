//! The text encoder: tokens in, what the decoder reads of them out.
use super::config::Config;
use super::open_file::open_file;
use crate::{Dim, ModelError, RunControl, Runtime, Session, Value};
use std::path::Path;

const TOKENS: &str = "input_ids";
const MASK: &str = "attention_mask";
const HIDDEN: &str = "last_hidden_state";

/// T5's encoder.
pub(super) struct TextEncoder {
    session: Session,
    width: usize,
}

/// A text as the decoder reads it.
pub(super) struct Conditioning {
    /// 2 with guidance: the text, and no text at all. Else 1.
    pub(super) batch: usize,
    /// `[batch, tokens, width]`, in the decoder's element.
    pub(super) hidden: Value,
    /// `[batch, tokens]`: 1 where there is text.
    pub(super) mask: Value,
}

impl TextEncoder {
    /// # Errors
    /// What opening gives; `Layout`.
    pub(super) fn open(
        runtime: &Runtime,
        file: &Path,
        config: &Config,
        control: &RunControl,
    ) -> Result<Self, ModelError> {
        let session = open_file(runtime, file, control)?;
        session.require_input(TOKENS, &[Dim::Any, Dim::Any])?;
        session.require_input(MASK, &[Dim::Any, Dim::Any])?;
        session.require_output(HIDDEN, &[Dim::Any, Dim::Any, Dim::Is(config.text_width)])?;
        Ok(Self { session, width: config.text_width })
    }

    /// `tokens.len() * width` numbers, token after token.
    ///
    /// # Errors
    /// `Cancelled`, `Run`, `NotFinite`.
    pub(super) fn encode(&self, tokens: &[i64], control: &RunControl) -> Result<Vec<f32>, ModelError> {
        let shape = [1, tokens.len()];
        let ids = Value::i64(&shape, tokens.to_vec())?;
        let mask = Value::i64(&shape, vec![1; tokens.len()])?;
        let mut outputs = self.session.run(&[(TOKENS, &ids), (MASK, &mask)], control)?;
        outputs.take_finite(HIDDEN, &[1, tokens.len(), self.width])
    }
}

impl Conditioning {
    /// `hidden` for `decoder`, with a second, empty text beside it where there is guidance: zeros, and nothing to attend
    /// to.
    pub(super) fn new(
        hidden: Vec<f32>,
        num_tokens: usize,
        decoder: &Session,
        is_guided: bool,
    ) -> Result<Self, ModelError> {
        let batch = if is_guided { 2 } else { 1 };
        let width = hidden.len() / num_tokens;
        let element = decoder.input("encoder_hidden_states").map_or(crate::Element::F32, |info| info.element);
        let mut hidden = hidden;
        hidden.resize(batch * num_tokens * width, 0.0);
        let mut mask = vec![1; num_tokens];
        mask.resize(batch * num_tokens, 0);
        Ok(Self {
            batch,
            hidden: Value::numbers(element, &[batch, num_tokens, width], hidden)?,
            mask: Value::i64(&[batch, num_tokens], mask)?,
        })
    }
}
