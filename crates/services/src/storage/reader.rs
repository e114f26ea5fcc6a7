//! Reads one object as `std::io::Read`, for the engine on its blocking thread.

use std::{
    fs::File,
    io::{self, Read},
};

use bytes::{Buf, Bytes};
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetResult, GetResultPayload};
use tokio::runtime::Handle;

use super::cipher::{Opened, StorageKeys};
use crate::observe::{self, StorageOperation};

/// A stored file from its first byte to its last, decrypted. Reading blocks, so it must not happen on a runtime's thread.
pub(crate) struct ObjectReader(Opened<Source>);

enum Source {
    File(File),
    Stream {
        runtime: Handle,
        pieces: BoxStream<'static, object_store::Result<Bytes>>,
        current: Bytes,
    },
}

impl ObjectReader {
    pub(super) fn new(object: GetResult, keys: &StorageKeys, name: &str) -> Self {
        let source = match object.payload {
            GetResultPayload::File(file, _) => Source::File(file),
            GetResultPayload::Stream(pieces) => Source::Stream {
                runtime: Handle::current(),
                pieces,
                current: Bytes::new(),
            },
        };
        Self(keys.open(name, source))
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pull(buffer);
        if read.is_err() {
            observe::storage_failed(StorageOperation::Read);
        }
        read
    }
}

impl Source {
    fn pull(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Stream {
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
