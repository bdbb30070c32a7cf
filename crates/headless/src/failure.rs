//! How a command ends when it does not end well.

/// Each is one line for the user and an exit code for scripts.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments ask for something that does not exist. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The arguments were fine, the world was not (disk full, folder read-only). Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Ctrl-C. Exit code 130, as shells have it (128 + SIGINT).
    #[error("cancelled, nothing was written")]
    Cancelled,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Failed(_) => 1,
            Failure::Cancelled => 130,
        }
    }

    /// The sentence on one line, whatever the prompt or path in it contains.
    pub(crate) fn line(&self) -> String {
        let text = self.to_string();
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
    }
}
