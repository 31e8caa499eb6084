//! Whether a server answers: asked again and again, never assumed.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Between two questions.
const INTERVAL: Duration = Duration::from_millis(50);
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns when the server answers that URL with anything but a server's error.
///
/// A hosted project (`https`) is taken to be up: its address is not this program's to probe.
pub(super) async fn answers(url: &str) {
    let Some((host, path)) = parts(url) else {
        return;
    };
    loop {
        let status = tokio::time::timeout(PATIENCE, status(host, path)).await;
        if matches!(status, Ok(Some(status)) if status < 500) {
            return;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Host with port, and path, of a plain HTTP address.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    Some((&rest[..end], &rest[end..]))
}

async fn status(host: &str, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(host).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.ok()?;
    std::str::from_utf8(&start)
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn an_address_has_a_host_and_a_path() {
        assert_eq!(
            parts("http://127.0.0.1:1/readyz"),
            Some(("127.0.0.1:1", "/readyz"))
        );
        assert_eq!(parts("https://example.com/"), None);
    }

    #[tokio::test]
    async fn a_server_that_is_not_ready_is_asked_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/readyz", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            for answer in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 512]).await.unwrap();
                let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        answers(&url).await;
        server.await.unwrap();
    }
}
