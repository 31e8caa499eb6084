//! Addresses as people type them: a raw `"`, `<` or `>` in a request's first line.
//!
//! PostgREST and the gateway before it take them (`?select=data->>name` is how its documentation writes it for curl);
//! the HTTP library here does not, so they become `%22`, `%3C` and `%3E` before it reads the line. A line is seen where
//! a read begins with one, as after a pause of the client. In one that comes in pieces they are refused with 400.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line that is mended, and the most that is read at once.
const LONGEST: usize = 16 * 1024;

/// A listener whose connections may bring such lines.
pub struct Lenient<L>(pub L);

impl<L: Listener> Listener for Lenient<L> {
    type Io = Connection<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.0.accept().await;
        let left = Vec::new();
        (Connection { io, left }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection whose request lines are mended.
pub struct Connection<I> {
    io: I,
    /// Read and mended, and not handed on yet.
    left: Vec<u8>,
}

/// What was read, with its first line mended; `None` if there is nothing to mend.
fn mended(read: &[u8]) -> Option<Vec<u8>> {
    read.first().filter(|byte| byte.is_ascii_uppercase())?;
    let line = &read[..read.windows(2).position(|pair| pair == b"\r\n")?];
    let address = line
        .strip_suffix(b" HTTP/1.1")
        .or_else(|| line.strip_suffix(b" HTTP/1.0"))?;
    let begin = address.iter().position(|byte| *byte == b' ')?;
    let is_request = address[..begin].iter().all(u8::is_ascii_uppercase)
        && address[begin..].starts_with(b" /")
        && !address[begin + 1..].contains(&b' ');
    if !is_request
        || !address
            .iter()
            .any(|byte| matches!(byte, b'"' | b'<' | b'>'))
    {
        return None;
    }
    let mut whole = Vec::with_capacity(read.len() + 32);
    for byte in address {
        match byte {
            b'"' => whole.extend_from_slice(b"%22"),
            b'<' => whole.extend_from_slice(b"%3C"),
            b'>' => whole.extend_from_slice(b"%3E"),
            other => whole.push(*other),
        }
    }
    whole.extend_from_slice(&read[address.len()..]);
    Some(whole)
}

impl<I: AsyncRead + Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left.is_empty() {
            // The HTTP library asks for the first few bytes alone, to tell the protocol's version.
            let mut room = [MaybeUninit::uninit(); LONGEST];
            let mut read = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut self.io).poll_read(context, &mut read))?;
            let read = read.filled();
            self.left = mended(read).unwrap_or_else(|| read.to_vec());
        }
        let fits = self.left.len().min(into.remaining());
        into.put_slice(&self.left[..fits]);
        self.left.drain(..fits);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Connection<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    fn text(read: &str) -> Option<String> {
        mended(read.as_bytes()).map(|whole| String::from_utf8(whole).expect("text"))
    }

    #[test]
    fn only_the_first_line_of_a_request_is_mended() {
        let read = "GET /t?select=d->>x&s=in.(\"a\") HTTP/1.1\r\nx: <\"y\">\r\n\r\n";
        let whole = "GET /t?select=d-%3E%3Ex&s=in.(%22a%22) HTTP/1.1\r\nx: <\"y\">\r\n\r\n";
        assert_eq!(text(read).as_deref(), Some(whole));
        for untouched in [
            "GET /t?select=id HTTP/1.1\r\nx: <y>\r\n\r\n",
            "{\"a\": \"<b>\"}\r\n",
            "POST /a <b> HTTP/1.1\r\n",
            "<a> HTTP/1.1\r\n",
            "GET /<a> HTTP/1.1",
            "",
            "\r\n",
        ] {
            assert_eq!(text(untouched), None, "{untouched}");
        }
    }

    #[tokio::test]
    async fn what_grows_is_handed_on_in_pieces_that_fit() {
        let read: &[u8] = b"GET /\"\"\"\" HTTP/1.1\r\n\r\nrest";
        let left = Vec::new();
        let mut connection = Connection { io: read, left };
        let (mut all, mut piece) = (Vec::new(), [0; 24]);
        loop {
            let count = connection.read(&mut piece).await.expect("read");
            if count == 0 {
                break;
            }
            all.extend_from_slice(&piece[..count]);
        }
        assert_eq!(all, b"GET /%22%22%22%22 HTTP/1.1\r\n\r\nrest");
    }
}
