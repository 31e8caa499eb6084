//! Clients that take their time, and a service that stops meanwhile.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{pause, timeout};

use crate::app::TestApp;

/// How long a condition may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn who_never_finishes_a_request_is_let_go_while_others_are_served() {
    let app = TestApp::alone().await;
    // From here on the clock moves only when everybody waits, and then to the next thing that time brings. While others
    // are served somebody never waits, however slow this machine is.
    pause();
    let busy = tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let mut slow = connect(app.address()).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ye")
        .await
        .unwrap();
    let mut other = connect(app.address()).await;
    for _ in 0..2 {
        other
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        assert!(
            read_until(&mut other, "\r\n\r\nok")
                .await
                .starts_with("HTTP/1.1 200")
        );
    }
    assert_eq!(
        slow.try_read(&mut [0]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    busy.abort();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(600), slow.read_to_end(&mut rest))
        .await
        .expect("it is let go")
        .unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_takes_nobody_new_and_answers_whoever_is_being_served() {
    let app = TestApp::alone().await;
    let address = app.address();
    let mut idle = connect(address).await;
    let mut served = connect(address).await;
    let head = "POST /twilio/status HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n";
    served.write_all(head.as_bytes()).await.unwrap();
    // It is read from now on.
    read_until(&mut served, "100 Continue\r\n\r\n").await;
    let running = app.stop();
    let began = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "it goes on taking connections");
    }
    assert_eq!(
        idle.read(&mut [0]).await.unwrap(),
        0,
        "who asks for nothing is let go"
    );
    assert!(!running.is_finished(), "somebody is being served");
    served.write_all(b"a=b").await.unwrap();
    let mut answer = String::new();
    served.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    timeout(PATIENCE, running)
        .await
        .expect("it stops")
        .unwrap()
        .unwrap();
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = String::new();
    while !read.ends_with(end) {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "closed after {read:?}");
        read.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
    }
    read
}
