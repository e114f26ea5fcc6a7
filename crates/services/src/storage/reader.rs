//! Reads one object as `std::io::Read`, for the engine on its blocking thread.

use std::{
    fs::File,
    io::{self, Read},
};

use bytes::{Buf, Bytes};
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetResult, GetResultPayload};
use tokio::runtime::Handle;

/// A stored object from its first byte to its last. Reading blocks, so it must not happen on a runtime's thread.
pub(crate) struct ObjectReader(Source);

enum Source {
    File(File),
    Stream {
        runtime: Handle,
        pieces: BoxStream<'static, object_store::Result<Bytes>>,
        current: Bytes,
    },
}

impl ObjectReader {
    pub(super) fn new(object: GetResult) -> Self {
        Self(match object.payload {
            GetResultPayload::File(file, _) => Source::File(file),
            GetResultPayload::Stream(pieces) => Source::Stream {
                runtime: Handle::current(),
                pieces,
                current: Bytes::new(),
            },
        })
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Source::File(file) => file.read(buffer),
            Source::Stream {
                runtime,
                pieces,
                current,
            } => {
                while current.is_empty() {
                    match runtime.block_on(pieces.next()) {
                        Some(piece) => *current = piece?,
                        None => return Ok(0),
                    }
                }
                let taken = current.len().min(buffer.len());
                current.copy_to_slice(&mut buffer[..taken]);
                Ok(taken)
            }
        }
    }
}
