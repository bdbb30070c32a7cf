//! https with a certificate that nobody has signed, and https where http is spoken.
use super::*;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;

/// Shakes one hand with a certificate made for the moment. Ends with its first connection.
fn self_signed() -> (String, std::thread::JoinHandle<()>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        // The client hangs up: that is what is tested.
        connection.complete_io(&mut stream).ok();
    });
    (url, server)
}

#[test]
fn a_certificate_that_nobody_signed_is_refused_and_no_key_is_sent() {
    let (url, server) = self_signed();
    let engine = Engine::new("studio", EngineKind::DjIa, &url).unwrap();
    let error = generate(&keyed(engine), &spec()).unwrap_err().to_string();
    server.join().unwrap();
    let host = url.trim_start_matches("https://");
    let wanted = format!(
        "studio ({host}) cannot prove that it is {host}: give it a certificate that the world trusts, or use http:// \
         inside your own network"
    );
    assert_eq!(error, wanted);
}

#[test]
fn https_where_http_is_spoken_is_told() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    // What a plain server says to a greeting that it cannot read.
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").unwrap();
        // The rest of the greeting: a closed socket with unread bytes would be a reset.
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut Vec::new()).ok();
    });
    let engine = Engine::new("studio", EngineKind::DjIa, &format!("https://127.0.0.1:{port}")).unwrap();
    let error = generate(&keyed(engine), &spec()).unwrap_err().to_string();
    server.join().unwrap();
    assert_eq!(error, format!("studio (127.0.0.1:{port}) does not speak https: try its address with http://"));
}
