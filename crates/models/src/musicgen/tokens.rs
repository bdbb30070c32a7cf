//! Text into T5's tokens.
use crate::ModelError;
use std::path::Path;
use tokenizers::{Tokenizer, TruncationParams};

/// Tokens that T5 was trained to read at once, the end mark included.
const MAX_TOKENS: usize = 512;
/// `</s>`, the same in every T5.
const END: i64 = 1;

/// A `tokenizer.json`.
pub struct TextTokens {
    tokenizer: Tokenizer,
    file: String,
}

impl TextTokens {
    /// # Errors
    /// `Missing`; `Setting` for a file that is no tokeniser.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|_| ModelError::Missing { file: path.to_owned() })?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = |error: tokenizers::Error| ModelError::Setting { file: file.clone(), reason: error.to_string() };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(refused)?;
        tokenizer.with_padding(None);
        let truncation = TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(refused)?;
        Ok(Self { tokenizer, file })
    }

    /// The tokens of a text, ending with the end mark; 512 at most, what is too long is cut.
    ///
    /// # Errors
    /// `Setting` where the tokeniser cannot read the text.
    pub fn encode(&self, text: &str) -> Result<Vec<i64>, ModelError> {
        let refused =
            |error: tokenizers::Error| ModelError::Setting { file: self.file.clone(), reason: error.to_string() };
        let encoding = self.tokenizer.encode(text, true).map_err(refused)?;
        let mut ids: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
        if ids.last() != Some(&END) {
            ids.truncate(MAX_TOKENS - 1);
            ids.push(END);
        }
        Ok(ids)
    }
}
