//! What answers at an address, and how it is.
use super::call::Call;
use super::{EngineKind, RemoteFault, acestep, dj_ia};

/// What is left to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credits {
    /// As much as one likes.
    Unlimited,
    /// So many.
    Left(i64),
}

impl std::fmt::Display for Credits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Credits::Unlimited => f.write_str("unlimited credits"),
            Credits::Left(1) => f.write_str("1 credit left"),
            Credits::Left(left) => write!(f, "{left} credits left"),
        }
    }
}

/// An engine that answers and takes its key.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineHealth {
    /// What it speaks.
    pub kind: EngineKind,
    /// Where it tells.
    pub credits: Option<Credits>,
    /// Tasks that wait there, where it tells.
    pub num_waiting: Option<u64>,
    /// One sentence for people.
    pub sentence: String,
}

/// What is spoken there. Asks in an order in which no key is sent before something known has answered, except to
/// version 1 of DJ-IA, which has nothing else to ask.
///
/// # Errors
/// [`RemoteFault`]; `UnknownKind` where something answers that is none of them.
pub(super) fn discover(call: &Call<'_>) -> Result<EngineKind, RemoteFault> {
    let is_obsidian = match dj_ia::health(call) {
        Ok(answer) if answer["service"].as_str().is_some_and(|name| name.contains("obsidian")) => {
            return Ok(EngineKind::Obsidian);
        }
        Ok(_) => true,
        Err(fault) if is_of_the_line(&fault) => return Err(fault),
        Err(_) => false,
    };
    match acestep::health(call) {
        Ok(()) => return Ok(EngineKind::AceStep),
        Err(fault) if is_of_the_line(&fault) => return Err(fault),
        Err(_) => {}
    }
    match dj_ia::verify_key(call) {
        // It knows the question, whatever it thinks of the key.
        Ok(()) | Err(RemoteFault::KeyMissing | RemoteFault::KeyRefused { .. } | RemoteFault::KeyExpired) => {
            Ok(EngineKind::DjIa)
        }
        Err(RemoteFault::NoCredits { .. }) => Ok(EngineKind::DjIa),
        Err(fault) if is_of_the_line(&fault) => Err(fault),
        Err(_) if is_obsidian => Ok(EngineKind::Obsidian),
        Err(_) => Err(RemoteFault::UnknownKind),
    }
}

/// The way there is at fault, not what answers.
fn is_of_the_line(fault: &RemoteFault) -> bool {
    use RemoteFault::{
        Busy, Cancelled, Dropped, NoTls, NotHttp, NotTrusted, Redirected, Refused, Timeout, Unreachable,
    };
    matches!(
        fault,
        Busy | Cancelled
            | Dropped
            | NoTls
            | NotHttp
            | NotTrusted
            | Redirected { .. }
            | Refused
            | Timeout { .. }
            | Unreachable
    )
}

/// Asks how it is, and whether it takes the key. Makes nothing, costs nothing.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn health(call: &Call<'_>, kind: EngineKind) -> Result<EngineHealth, RemoteFault> {
    let (mut credits, mut num_waiting) = (None, None);
    match kind {
        EngineKind::DjIa | EngineKind::Auto => {
            dj_ia::verify_key(call)?;
            // Not every version 1 knows this question.
            credits = call.key.and_then(|_| dj_ia::credits(call).ok());
        }
        EngineKind::Obsidian => {
            dj_ia::health(call)?;
            if call.key.is_none() {
                return Err(RemoteFault::KeyMissing);
            }
            credits = Some(dj_ia::credits(call)?);
        }
        EngineKind::AceStep => {
            acestep::health(call)?;
            num_waiting = match acestep::queue_size(call) {
                Ok(num_waiting) => Some(num_waiting),
                Err(fault @ (RemoteFault::KeyMissing | RemoteFault::KeyRefused { .. })) => return Err(fault),
                Err(_) => None,
            };
        }
    }
    let engine = call.engine;
    let mut sentence = format!("{} ({}) is {} and answers", engine.name, engine.address.host(), kind.name());
    if let Some(credits) = credits {
        sentence += &format!(", {credits}");
    }
    if let Some(num_waiting) = num_waiting.filter(|waiting| *waiting > 0) {
        sentence += &format!(", {num_waiting} tasks wait there");
    }
    if call.key.is_some() && !engine.address.is_private() {
        sentence += "; the key goes there unencrypted";
    }
    Ok(EngineHealth { kind, credits, num_waiting, sentence })
}
