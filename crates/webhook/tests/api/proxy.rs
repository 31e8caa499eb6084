//! A wire to the database that a test can cut and stall.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the wire does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Carries everything.
    Open,
    /// Closes every connection, old and new.
    Cut,
    /// Takes connections and carries nothing.
    Stalled,
}

/// A wire before one address.
pub(crate) struct Proxy {
    address: SocketAddr,
    wire: watch::Sender<Wire>,
}

impl Proxy {
    /// A wire to `url`, an `http://host:port`.
    pub(crate) async fn before(url: &str, wire: Wire) -> Self {
        let target = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (wire, state) = watch::channel(wire);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, target.clone(), state.clone()));
            }
        });
        Self { address, wire }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }
}

/// Carries one connection until the wire's state changes.
async fn carry(mut near: TcpStream, target: String, mut state: watch::Receiver<Wire>) {
    let now = *state.borrow_and_update();
    let carried = async {
        match now {
            Wire::Open => {
                let Ok(mut far) = TcpStream::connect(target).await else {
                    return;
                };
                // How a connection ends is not this test's business.
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
            Wire::Cut => {}
            Wire::Stalled => std::future::pending().await,
        }
    };
    tokio::select! {
        () = carried => {}
        _ = state.changed() => {}
    }
}
