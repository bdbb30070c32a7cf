//! A stub of a server on loopback, for tests of everything that asks a language model or a remote engine.
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Largest request that is read.
const MAX_REQUEST_BYTES: usize = 1 << 20;

/// How the stub treats one request.
#[derive(Debug, Clone)]
pub enum StubAnswer {
    /// A chat completion with these words.
    Words(String),
    /// The same, some bytes at a time.
    Slowly(String),
    /// A status, further header lines and a body.
    Status(u16, String, String),
    /// A status, further header lines and a body of any bytes.
    Bytes(u16, String, Vec<u8>),
    /// These bytes, head and all, and nothing else.
    Raw(Vec<u8>),
    /// A body of this many bytes that never becomes a completion.
    Large(usize),
    /// A good status, these bytes, and then a byte now and then until the stub is dropped.
    Drip(Vec<u8>),
    /// Reads the request and says nothing until the stub is dropped.
    Hang,
    /// Closes the connection without a word.
    Drop,
    /// Promises a body and closes in the middle of it.
    DropInside,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct StubRequest {
    /// Request line and headers.
    pub head: String,
    /// The body; null if it is no JSON.
    pub body: Value,
}

impl StubRequest {
    /// What the model was told in the user's message.
    pub fn user_words(&self) -> &str {
        self.body["messages"][1]["content"].as_str().unwrap_or_default()
    }
}

/// Gives one answer after the other, the last one again and again. Its threads end when it is dropped.
pub struct StubServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    answers: VecDeque<StubAnswer>,
    requests: Vec<StubRequest>,
    is_stopped: bool,
}

impl StubServer {
    /// Listens on a free port of this machine.
    ///
    /// # Panics
    /// When loopback cannot be had, or with no answer at all.
    pub fn new(answers: impl IntoIterator<Item = StubAnswer>) -> Self {
        let answers: VecDeque<StubAnswer> = answers.into_iter().collect();
        assert!(!answers.is_empty(), "a stub needs an answer");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { state: Mutex::new(State { answers, ..State::default() }), ..Shared::default() });
        let serving = shared.clone();
        let listener = std::thread::spawn(move || serve(&listener, &serving));
        Self { address, shared, listener: Some(listener) }
    }

    /// What stands before `/chat/completions`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What stands before any path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<StubRequest> {
        self.shared.state().requests.clone()
    }

    /// Waits until as many requests have come.
    pub fn wait_for_requests(&self, count: usize) {
        let mut state = self.shared.state();
        while state.requests.len() < count {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for StubServer {
    fn drop(&mut self) {
        self.shared.state().is_stopped = true;
        self.shared.changed.notify_all();
        // Wakes the listener.
        TcpStream::connect(self.address).ok();
        if let Some(listener) = self.listener.take() {
            listener.join().ok();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end, or for `limit`. Returns whether the end has come.
    fn wait_for_stop(&self, limit: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), limit, |state| !state.is_stopped);
        waited.map_or(true, |(state, _)| state.is_stopped)
    }

    fn next_answer(&self, request: StubRequest) -> StubAnswer {
        let mut state = self.state();
        state.requests.push(request);
        self.changed.notify_all();
        let answer = if state.answers.len() > 1 { state.answers.pop_front() } else { state.answers.front().cloned() };
        answer.unwrap_or(StubAnswer::Drop)
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut connections = Vec::new();
    for stream in listener.incoming() {
        if shared.state().is_stopped {
            break;
        }
        let Ok(stream) = stream else { continue };
        let shared = shared.clone();
        // The client going away is its own business.
        connections.push(std::thread::spawn(move || drop(answer(stream, &shared))));
    }
    connections.into_iter().for_each(|connection| drop(connection.join()));
}

fn answer(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let request = read_request(&mut stream)?;
    match shared.next_answer(request) {
        StubAnswer::Words(words) => stream.write_all(&completion(&words)),
        StubAnswer::Slowly(words) => {
            for piece in completion(&words).chunks(100) {
                stream.write_all(piece)?;
                if shared.wait_for_stop(Duration::from_millis(1)) {
                    break;
                }
            }
            Ok(())
        }
        StubAnswer::Status(code, headers, body) => stream.write_all(&response(code, &headers, body.as_bytes())),
        StubAnswer::Bytes(code, headers, body) => stream.write_all(&response(code, &headers, &body)),
        StubAnswer::Raw(bytes) => stream.write_all(&bytes),
        StubAnswer::Drip(first) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
            stream.write_all(&first)?;
            while !shared.wait_for_stop(Duration::from_millis(5)) {
                stream.write_all(b"\0")?;
            }
            Ok(())
        }
        StubAnswer::Large(num_bytes) => stream.write_all(&response(200, "", &vec![b' '; num_bytes])),
        StubAnswer::Hang => {
            while !shared.wait_for_stop(Duration::from_secs(60)) {}
            Ok(())
        }
        StubAnswer::Drop => Ok(()),
        StubAnswer::DropInside => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"choices\":["),
    }?;
    stream.shutdown(Shutdown::Write)
}

/// A whole answer of a chat endpoint.
fn completion(words: &str) -> Vec<u8> {
    let message = json!({ "role": "assistant", "content": words });
    let body = json!({ "object": "chat.completion", "choices": [{ "index": 0, "message": message }] });
    response(200, "Content-Type: application/json\r\n", body.to_string().as_bytes())
}

fn response(code: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {code} Stub\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn read_request(stream: &mut TcpStream) -> io::Result<StubRequest> {
    let mut bytes = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let count = stream.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let named = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= named.unwrap_or(0_usize) {
                let body = serde_json::from_str(body).unwrap_or_default();
                return Ok(StubRequest { head: head.to_owned(), body });
            }
        }
        if count == 0 || bytes.len() > MAX_REQUEST_BYTES {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
