//! The decoder: one column of tokens in, the scores of the next column out. What the model remembers of earlier columns
//! (keys and values of every layer) goes from one step's outputs to the next step's inputs without a copy.
use super::config::Config;
use super::layout::DecoderFiles;
use super::open_file::open_file;
use super::text::Conditioning;
use crate::{Dim, Element, ModelError, Outputs, RunControl, Runtime, Session, Value};

/// The decoder of one MusicGen.
pub(super) struct Decoder {
    sessions: Sessions,
    names: Names,
    config: Config,
}

enum Sessions {
    /// One graph with a switch.
    Merged(Session),
    /// The first step has no memory to read, the later ones read no text.
    Split { first: Session, later: Session },
}

/// Names of the memory tensors: what a step gives, and what the next one takes it as.
struct Names {
    /// Keys and values of the tokens; they grow by one column a step.
    tokens: Vec<(String, String)>,
    /// Keys and values of the text; they stay as the first step gives them.
    text: Vec<(String, String)>,
}

impl Names {
    fn new(num_layers: usize) -> Self {
        let of = |side: &str| {
            let layers =
                (0..num_layers).flat_map(|layer| ["key", "value"].map(|what| format!("{layer}.{side}.{what}")));
            layers.map(|rest| (format!("present.{rest}"), format!("past_key_values.{rest}"))).collect()
        };
        Self { tokens: of("decoder"), text: of("encoder") }
    }
}

const TOKENS: &str = "input_ids";
const TEXT_MASK: &str = "encoder_attention_mask";
const TEXT: &str = "encoder_hidden_states";
const SWITCH: &str = "use_cache_branch";
const SCORES: &str = "logits";

impl Decoder {
    /// Opens the file or files and checks every tensor that steps will name.
    ///
    /// # Errors
    /// What opening gives; `Layout` with the first tensor that is not as `config.json` says.
    pub(super) fn open(
        runtime: &Runtime,
        files: &DecoderFiles,
        config: &Config,
        control: &RunControl,
    ) -> Result<Self, ModelError> {
        let names = Names::new(config.num_layers);
        let sessions = match files {
            DecoderFiles::Merged(file) => Sessions::Merged(open_file(runtime, file, control)?),
            DecoderFiles::Split { first, later } => Sessions::Split {
                first: open_file(runtime, first, &control.within(0.0, 0.5))?,
                later: open_file(runtime, later, &control.within(0.5, 1.0))?,
            },
        };
        match &sessions {
            Sessions::Merged(session) => {
                check_first(session, config, &names)?;
                check_later(session, config, &names)?;
                session.require_input(SWITCH, &[Dim::Any])?;
            }
            Sessions::Split { first, later } => {
                check_first(first, config, &names)?;
                check_later(later, config, &names)?;
            }
        }
        Ok(Self { sessions, names, config: config.clone() })
    }

    /// The one that reads the text.
    pub(super) fn first_session(&self) -> &Session {
        match &self.sessions {
            Sessions::Merged(session) | Sessions::Split { first: session, .. } => session,
        }
    }

    /// The one that takes nearly every step.
    pub(super) fn later_session(&self) -> &Session {
        match &self.sessions {
            Sessions::Merged(session) | Sessions::Split { later: session, .. } => session,
        }
    }

    /// Starts a piece with this text.
    pub(super) fn start<'a>(&'a self, text: &'a Conditioning) -> Steps<'a> {
        Steps { decoder: self, text, memory: Vec::new(), text_memory: Vec::new() }
    }

    /// What the merged graph wants in the place of a memory that is not there yet.
    fn no_memory(&self, session: &Session, batch: usize) -> Result<Vec<(&str, Value)>, ModelError> {
        let shape = [batch, self.config.num_heads, 0, self.config.head_width];
        let names = self.names.tokens.iter().chain(&self.names.text);
        names
            .map(|(_, past)| {
                let element = session.input(past).map_or(Element::F32, |info| info.element);
                Ok((past.as_str(), Value::numbers(element, &shape, Vec::new())?))
            })
            .collect()
    }
}

fn check_first(session: &Session, config: &Config, names: &Names) -> Result<(), ModelError> {
    session.require_input(TOKENS, &[Dim::Any, Dim::Any])?;
    session.require_input(TEXT_MASK, &[Dim::Any, Dim::Any])?;
    session.require_input(TEXT, &[Dim::Any, Dim::Any, Dim::Is(config.text_width)])?;
    require_output(session, SCORES, &[Dim::Any, Dim::Any, Dim::Is(config.vocab)])?;
    let memory = [Dim::Any, Dim::Is(config.num_heads), Dim::Any, Dim::Is(config.head_width)];
    for (present, _) in names.tokens.iter().chain(&names.text) {
        require_output(session, present, &memory)?;
    }
    Ok(())
}

fn check_later(session: &Session, config: &Config, names: &Names) -> Result<(), ModelError> {
    session.require_input(TOKENS, &[Dim::Any, Dim::Any])?;
    session.require_input(TEXT_MASK, &[Dim::Any, Dim::Any])?;
    require_output(session, SCORES, &[Dim::Any, Dim::Any, Dim::Is(config.vocab)])?;
    let memory = [Dim::Any, Dim::Is(config.num_heads), Dim::Any, Dim::Is(config.head_width)];
    for (present, past) in &names.tokens {
        session.require_input(past, &memory)?;
        require_output(session, present, &memory)?;
    }
    for (_, past) in &names.text {
        session.require_input(past, &memory)?;
    }
    Ok(())
}

/// As [`Session::require_output`], but an output whose shape the file leaves open is taken: the switch of a merged file
/// may hide what its branches give, and the scores of every run are checked as they come.
fn require_output(session: &Session, name: &str, expected: &[Dim]) -> Result<(), ModelError> {
    match session.output(name) {
        Some(info) if info.dims.is_empty() => Ok(()),
        _ => session.require_output(name, expected).map(|_| ()),
    }
}

/// A piece in the making.
pub(super) struct Steps<'a> {
    decoder: &'a Decoder,
    text: &'a Conditioning,
    /// Of the tokens, in the order of [`Names::tokens`]; empty before the first step.
    memory: Vec<Value>,
    /// Of the text, in the order of [`Names::text`].
    text_memory: Vec<Value>,
}

impl Steps<'_> {
    /// One step: `column` holds a token for each codebook row. The scores are `rows * vocab` numbers with the text, then,
    /// where there is guidance, as many without it.
    ///
    /// # Errors
    /// `Cancelled`, `Run`, `NotFinite`.
    pub(super) fn step(&mut self, column: &[i64], control: &RunControl) -> Result<Vec<f32>, ModelError> {
        let rows = self.text.batch * column.len();
        // Both halves of the batch, with and without text, read the same tokens.
        let tokens = Value::i64(&[rows, 1], column.repeat(self.text.batch))?;
        let mut outputs = match self.memory.is_empty() {
            true => self.first(&tokens, control)?,
            false => self.later(&tokens, control)?,
        };
        for (index, (present, _)) in self.decoder.names.tokens.iter().enumerate() {
            let value = outputs.take(present)?;
            match self.memory.get_mut(index) {
                Some(memory) => *memory = value,
                None => self.memory.push(value),
            }
        }
        outputs.take_finite(SCORES, &[rows, 1, self.decoder.config.vocab])
    }

    fn first(&mut self, tokens: &Value, control: &RunControl) -> Result<Outputs, ModelError> {
        let mut inputs = vec![(TOKENS, tokens), (TEXT_MASK, &self.text.mask), (TEXT, &self.text.hidden)];
        let mut outputs = match &self.decoder.sessions {
            Sessions::Split { first, .. } => first.run(&inputs, control)?,
            Sessions::Merged(session) => {
                let nothing = self.decoder.no_memory(session, self.text.batch)?;
                let switch = Value::bools(&[1], vec![false])?;
                inputs.push((SWITCH, &switch));
                inputs.extend(nothing.iter().map(|(name, value)| (*name, value)));
                session.run(&inputs, control)?
            }
        };
        // Later steps give these as empty stand-ins: the first ones are kept.
        let names = self.decoder.names.text.iter();
        self.text_memory = names.map(|(present, _)| outputs.take(present)).collect::<Result<_, _>>()?;
        Ok(outputs)
    }

    fn later(&self, tokens: &Value, control: &RunControl) -> Result<Outputs, ModelError> {
        let names = &self.decoder.names;
        let mut inputs = vec![(TOKENS, tokens), (TEXT_MASK, &self.text.mask)];
        inputs.extend(names.tokens.iter().zip(&self.memory).map(|((_, past), value)| (past.as_str(), value)));
        inputs.extend(names.text.iter().zip(&self.text_memory).map(|((_, past), value)| (past.as_str(), value)));
        match &self.decoder.sessions {
            Sessions::Split { later, .. } => later.run(&inputs, control),
            Sessions::Merged(session) => {
                let switch = Value::bools(&[1], vec![true])?;
                inputs.extend([(TEXT, &self.text.hidden), (SWITCH, &switch)]);
                session.run(&inputs, control)
            }
        }
    }
}
