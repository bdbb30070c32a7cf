//! The two networks: one reads events and remembers them, one writes the tokens of the next event.
use super::config::{Config, Net};
use super::vocab::{ROW, Row};
use crate::{Dim, ModelError, RunControl, Session, Value};

const TOKENS: &str = "x";
const HIDDEN: &str = "hidden";
const SCORES: &str = "y";

/// A network, and the names of what it remembers: what a step gives, and what the next one takes it as.
pub(super) struct Network {
    session: Session,
    net: Net,
    names: Vec<(String, String)>,
}

impl Network {
    fn new(session: Session, net: Net) -> Result<Self, ModelError> {
        let layers = (0..net.layers).flat_map(|layer| ["key", "value"].map(|what| format!("{layer}.{what}")));
        let names = layers.map(|rest| (format!("present.{rest}"), format!("past_key_values.{rest}"))).collect();
        let network = Self { session, net, names };
        let memory = [Dim::Any, Dim::Is(net.heads), Dim::Any, Dim::Is(net.head_width)];
        for (present, past) in &network.names {
            network.session.require_input(past, &memory)?;
            network.session.require_output(present, &memory)?;
        }
        Ok(network)
    }

    /// The one that reads events.
    ///
    /// # Errors
    /// `Layout` with the first tensor that is not as `config.json` says.
    pub(super) fn base(session: Session, config: &Config) -> Result<Self, ModelError> {
        let width = Dim::Is(config.base.width);
        session.require_input(TOKENS, &[Dim::Any, Dim::Any, Dim::Is(ROW)])?;
        session.require_output(HIDDEN, &[Dim::Any, Dim::Any, width])?;
        Self::new(session, config.base)
    }

    /// The one that writes tokens.
    ///
    /// # Errors
    /// As [`Network::base`].
    pub(super) fn token(session: Session, config: &Config) -> Result<Self, ModelError> {
        session.require_input(HIDDEN, &[Dim::Any, Dim::Any, Dim::Is(config.token.width)])?;
        session.require_input(TOKENS, &[Dim::Any, Dim::Any])?;
        session.require_output(SCORES, &[Dim::Any, Dim::Any, Dim::Is(config.version.vocab_size())])?;
        Self::new(session, config.token)
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Begins with nothing remembered.
    pub(super) fn start(&self) -> Result<Steps<'_>, ModelError> {
        let shape = [1, self.net.heads, 0, self.net.head_width];
        let nothing = |(_, past): &(String, String)| {
            let element = self.session.input(past).map_or(crate::Element::F32, |info| info.element);
            Value::numbers(element, &shape, Vec::new())
        };
        let memory = self.names.iter().map(nothing).collect::<Result<_, _>>()?;
        Ok(Steps { network: self, memory })
    }
}

/// A network with what it remembers so far; that goes from step to step without a copy.
pub(super) struct Steps<'a> {
    network: &'a Network,
    memory: Vec<Value>,
}

impl Steps<'_> {
    fn step(
        &mut self,
        inputs: &[(&str, &Value)],
        output: &str,
        shape: &[usize],
        control: &RunControl,
    ) -> Result<Vec<f32>, ModelError> {
        let memory = self.network.names.iter().zip(&self.memory).map(|((_, past), value)| (past.as_str(), value));
        let inputs: Vec<_> = inputs.iter().copied().chain(memory).collect();
        let mut outputs = self.network.session.run(&inputs, control)?;
        for ((present, _), memory) in self.network.names.iter().zip(&mut self.memory) {
            *memory = outputs.take(present)?;
        }
        outputs.take_finite(output, shape)
    }

    /// Reads one event or more; gives what the model makes of the last of them.
    ///
    /// # Errors
    /// `Cancelled`, `Run`, `NotFinite`.
    pub(super) fn read(&mut self, rows: &[Row], control: &RunControl) -> Result<Vec<f32>, ModelError> {
        let width = self.network.net.width;
        let tokens = Value::i64(&[1, rows.len(), ROW], rows.concat())?;
        let hidden = self.step(&[(TOKENS, &tokens)], HIDDEN, &[1, rows.len(), width], control)?;
        Ok(hidden[hidden.len() - width..].to_vec())
    }

    /// The scores of an event's first token, from what the base network made of the events before.
    ///
    /// # Errors
    /// As [`Steps::read`].
    pub(super) fn first(&mut self, hidden: Vec<f32>, control: &RunControl) -> Result<Vec<f32>, ModelError> {
        self.scores(&[1, 1, hidden.len()], hidden, Vec::new(), control)
    }

    /// The scores of the token after `token`.
    ///
    /// # Errors
    /// As [`Steps::read`].
    pub(super) fn next(&mut self, token: i64, control: &RunControl) -> Result<Vec<f32>, ModelError> {
        self.scores(&[1, 0, self.network.net.width], Vec::new(), vec![token], control)
    }

    fn scores(
        &mut self,
        shape: &[usize],
        hidden: Vec<f32>,
        tokens: Vec<i64>,
        control: &RunControl,
    ) -> Result<Vec<f32>, ModelError> {
        let session = &self.network.session;
        let element = session.input(HIDDEN).map_or(crate::Element::F32, |info| info.element);
        let vocab = session.output(SCORES).and_then(|info| info.dims.last().copied().flatten());
        let hidden = Value::numbers(element, shape, hidden)?;
        let tokens = Value::i64(&[1, tokens.len()], tokens)?;
        let inputs = [(HIDDEN, &hidden), (TOKENS, &tokens)];
        match vocab {
            Some(vocab) => self.step(&inputs, SCORES, &[1, 1, vocab], control),
            None => self.step(&inputs, SCORES, &[1, 1, 0], control),
        }
    }
}
