//! Encryption at rest: stored files can be read only with a key.
//!
//! An object is a header and segments. The header names the format and the key, and holds a random salt; each segment holds
//! 64 KiB of the file (the last one less) and its tag, by the STREAM construction over AES-256-GCM with a key of the object's own,
//! which HKDF-SHA256 makes from the storage key and the salt. Position and end of the file are part of what is authenticated, and
//! so are the header and the object's name: no segment can be left out, repeated, moved, or put under another name without being
//! noticed. An object without the header was stored before there were keys, and is read unchanged.
//!
//! AES-GCM because processors have instructions for it: ring's reads 10 GB a second where XChaCha20-Poly1305 read 1.2 GB, which
//! cost an import 8 % of its processor time. Its nonces are short, so a random one for each object would repeat one day; with a
//! key for each object they only count.

use std::{
    fmt,
    io::{self, Read},
};

use aead_stream::{
    DecryptorBE32, EncryptorBE32, NewStream, StreamBE32,
    aead::{
        self, AeadCore, AeadInOut, TagPosition,
        array::Array,
        consts::{U12, U16},
        inout::InOutBuf,
    },
};
use rand::Rng;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

/// No text begins with these bytes, so no CSV file does.
const NAME: [u8; 7] = *b"HIJRAH\0";
/// Version 1 was XChaCha20-Poly1305 and is no longer read.
const VERSION: u8 = 2;
const MAGIC: [u8; 8] = *b"HIJRAH\0\x02";
const _: () = assert!(MAGIC[NAME.len()] == VERSION);
const ID_BYTES: usize = 8;
const SALT_BYTES: usize = 32;
const HEADER_BYTES: usize = MAGIC.len() + ID_BYTES + SALT_BYTES;
/// 64 KiB: the tag costs a quarter of a per mille, and a reader holds no more than this.
const SEGMENT: usize = 64 * 1024;
const TAG: usize = 16;
const KEY_BYTES: usize = 32;

/// Which key an object was encrypted with: the beginning of the key's digest, shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; ID_BYTES]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The keys of the storage: the first one writes, all of them read. Without any, files are stored as they are.
#[derive(Clone, Default)]
pub struct StorageKeys(Vec<(KeyId, SecretSlice<u8>)>);

/// Why a text is not a list of keys. Never shows the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a comma-separated list of keys of 32 bytes in hexadecimal")]
pub(crate) struct InvalidStorageKeys;

impl StorageKeys {
    /// Reads `STORAGE_KEYS`: keys of 32 bytes in hexadecimal, separated by commas.
    ///
    /// # Errors
    /// [`InvalidStorageKeys`] for anything else, and for a key that is named twice.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidStorageKeys> {
        let mut keys = Self::default();
        for text in text.split(',') {
            let key = hex::decode(text.trim()).map_err(|_| InvalidStorageKeys)?;
            let id = id_of(&key);
            if key.len() != KEY_BYTES || keys.find(id).is_some() {
                return Err(InvalidStorageKeys);
            }
            keys.0.push((id, key.into()));
        }
        Ok(keys)
    }

    /// The key that new objects are encrypted with.
    #[must_use]
    pub fn writing(&self) -> Option<KeyId> {
        self.0.first().map(|(id, _)| *id)
    }

    /// Every key, the writing one first.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    fn find(&self, id: KeyId) -> Option<&SecretSlice<u8>> {
        self.0
            .iter()
            .find_map(|(known, key)| (*known == id).then_some(key))
    }

    /// What encrypts a new object of this name; `None` without keys.
    pub(super) fn seal(&self, name: &str) -> Option<Sealer> {
        let (id, key) = self.0.first()?;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&id.0);
        let mut salt = [0; SALT_BYTES];
        rand::rng().fill_bytes(&mut salt);
        header.extend_from_slice(&salt);
        Some(Sealer {
            encryptor: EncryptorBE32::from_stream_primitive(stream(key, &salt)?),
            bound: bound(&header, name),
            header,
            pending: Vec::with_capacity(SEGMENT + TAG),
        })
    }

    /// Encrypts a few bytes as an object of this name would be; `None` without keys.
    pub(crate) fn seal_bytes(&self, name: &str, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let Some(mut sealer) = self.seal(name) else {
            return Ok(None);
        };
        let mut object = sealer.push(bytes)?;
        object.extend(sealer.finish()?);
        Ok(Some(object))
    }

    /// What [`Self::seal_bytes`] encrypted under this name.
    pub(crate) fn open_bytes(&self, name: &str, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name, sealed).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads an object of this name, encrypted or not.
    pub(super) fn open<R: Read>(&self, name: &str, source: R) -> Opened<R> {
        Opened {
            keys: self.clone(),
            name: name.to_owned(),
            source,
            state: State::Unread,
            raw: Vec::new(),
            plain: Vec::new(),
            taken: 0,
            is_at_end: false,
        }
    }
}

impl fmt::Debug for StorageKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// How an object is encrypted, according to its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealing {
    /// Not encrypted.
    Plain,
    /// With this key.
    With(KeyId),
    /// In the format of another version of Hijrah, which is never taken for a file that is not encrypted.
    Otherwise(u8),
}

impl Sealing {
    /// How many bytes of the beginning are needed to know.
    pub(super) const HEAD: usize = MAGIC.len() + ID_BYTES;

    /// Of the beginning of an object.
    pub(super) fn of(head: &[u8]) -> Self {
        match head.strip_prefix(&NAME) {
            Some([VERSION, rest @ ..]) => rest
                .first_chunk()
                .map_or(Self::Plain, |id| Self::With(KeyId(*id))),
            Some([version, ..]) => Self::Otherwise(*version),
            _ => Self::Plain,
        }
    }
}

/// Why an encrypted object cannot be read. Inside of an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SealError {
    #[error("the object is encrypted with key {0}, which STORAGE_KEYS does not have")]
    UnknownKey(KeyId),
    #[error("the object was changed or cut off since it was encrypted with key {0}")]
    Damaged(KeyId),
    #[error(
        "the object is encrypted in format {0}, and this version of Hijrah reads format {VERSION}: use the version that wrote it"
    )]
    AnotherFormat(u8),
}

impl From<SealError> for io::Error {
    fn from(error: SealError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

fn id_of(key: &[u8]) -> KeyId {
    let digest = Sha256::new_with_prefix(b"hijrah storage key")
        .chain_update(key)
        .finalize();
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&digest[..ID_BYTES]);
    KeyId(id)
}

/// The segments of an object, whose key is made from the storage key and the object's salt.
///
/// `None` for what cannot be a key, which [`StorageKeys::parse`] does not let in.
fn stream(key: &SecretSlice<u8>, salt: &[u8; SALT_BYTES]) -> Option<StreamBE32<ObjectCipher>> {
    let secret = Salt::new(HKDF_SHA256, salt).extract(key.expose_secret());
    let key = UnboundKey::from(secret.expand(&[&MAGIC], &AES_256_GCM).ok()?);
    // The key is used for this object alone, so the part of the nonces that does not count may stay the same.
    let nonces = Array([0; 7]);
    Some(StreamBE32::from_aead(
        ObjectCipher(LessSafeKey::new(key)),
        &nonces,
    ))
}

/// ring's AES-256-GCM for the STREAM construction, which sees to it that no nonce is used twice.
struct ObjectCipher(LessSafeKey);

impl AeadCore for ObjectCipher {
    type NonceSize = U12;
    type TagSize = U16;
    const TAG_POSITION: TagPosition = TagPosition::Postfix;
}

impl AeadInOut for ObjectCipher {
    fn encrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        bound: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
    ) -> aead::Result<aead::Tag<Self>> {
        let nonce = Nonce::assume_unique_for_key(nonce.0);
        let buffer = buffer.into_out_with_copied_in();
        let sealed = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(bound), buffer);
        let tag = sealed.map_err(|_| aead::Error)?;
        tag.as_ref().try_into().map_err(|_| aead::Error)
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        bound: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
        tag: &aead::Tag<Self>,
    ) -> aead::Result<()> {
        let nonce = Nonce::assume_unique_for_key(nonce.0);
        let buffer = buffer.into_out_with_copied_in();
        self.0
            .open_in_place_separate_tag(nonce, Aad::from(bound), tag.0.into(), buffer, 0..)
            .map(|_| ())
            .map_err(|_| aead::Error)
    }
}

/// What every segment is authenticated with.
fn bound(header: &[u8], name: &str) -> Vec<u8> {
    [header, name.as_bytes()].concat()
}

/// Encrypts an object chunk by chunk.
pub(super) struct Sealer {
    encryptor: EncryptorBE32<ObjectCipher>,
    bound: Vec<u8>,
    /// The header, until it was returned.
    header: Vec<u8>,
    /// The segment that is being filled. The last one is encrypted as such, so a full one waits until there is more.
    pending: Vec<u8>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// Encrypts a chunk and returns the completed part of the object, which may be empty.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> io::Result<Vec<u8>> {
        let mut sealed = std::mem::take(&mut self.header);
        while !piece.is_empty() {
            if self.pending.len() == SEGMENT {
                self.encryptor
                    .encrypt_next_in_place(&self.bound, &mut self.pending)
                    .map_err(|_| too_large())?;
                sealed.append(&mut self.pending);
            }
            let (fitting, rest) = piece.split_at(piece.len().min(SEGMENT - self.pending.len()));
            self.pending.extend_from_slice(fitting);
            piece = rest;
        }
        Ok(sealed)
    }

    /// The rest of the object.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        let mut sealed = self.header;
        self.encryptor
            .encrypt_last_in_place(&self.bound, &mut self.pending)
            .map_err(|_| too_large())?;
        sealed.append(&mut self.pending);
        Ok(sealed)
    }
}

/// 256 TiB: the counter of the segments has 32 bits.
fn too_large() -> io::Error {
    io::ErrorKind::FileTooLarge.into()
}

/// Reads the file that an object holds.
pub(super) struct Opened<R> {
    keys: StorageKeys,
    name: String,
    source: R,
    state: State,
    /// Read from the source and not decrypted.
    raw: Vec<u8>,
    /// Decrypted, or the beginning of a plain object; handed out up to `taken`.
    plain: Vec<u8>,
    taken: usize,
    is_at_end: bool,
}

enum State {
    Unread,
    Plain,
    Sealed {
        id: KeyId,
        /// `None` after the last segment.
        decryptor: Option<Box<DecryptorBE32<ObjectCipher>>>,
        bound: Vec<u8>,
    },
}

impl<R: Read> Opened<R> {
    /// Reads until `raw` holds `wanted` bytes or the source is at its end.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while self.raw.len() < wanted && !self.is_at_end {
            let have = self.raw.len();
            self.raw.resize(wanted, 0);
            let read = loop {
                match self.source.read(&mut self.raw[have..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.raw.truncate(have + *read.as_ref().unwrap_or(&0));
            self.is_at_end = read? == 0;
        }
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        self.fill(HEADER_BYTES)?;
        let id = match Sealing::of(&self.raw) {
            Sealing::With(id) => id,
            Sealing::Otherwise(format) => return Err(SealError::AnotherFormat(format).into()),
            Sealing::Plain => {
                self.plain = std::mem::take(&mut self.raw);
                self.state = State::Plain;
                return Ok(());
            }
        };
        let header: [u8; HEADER_BYTES] = match self.raw.first_chunk() {
            Some(header) => *header,
            None => return Err(SealError::Damaged(id).into()),
        };
        self.raw.clear();
        let salt = header.last_chunk().ok_or(SealError::Damaged(id))?;
        let key = self.keys.find(id).ok_or(SealError::UnknownKey(id))?;
        let stream = stream(key, salt).ok_or(SealError::UnknownKey(id))?;
        self.state = State::Sealed {
            id,
            decryptor: Some(Box::new(DecryptorBE32::from_stream_primitive(stream))),
            bound: bound(&header, &self.name),
        };
        Ok(())
    }

    /// Decrypts the next segment; nothing after the last one.
    fn decrypt(&mut self) -> io::Result<()> {
        // One byte more than a segment shows whether it is the last.
        self.fill(SEGMENT + TAG + 1)?;
        let State::Sealed {
            id,
            decryptor,
            bound,
        } = &mut self.state
        else {
            return Ok(());
        };
        let Some(mut open) = decryptor.take() else {
            return Ok(());
        };
        let is_last = self.raw.len() <= SEGMENT + TAG;
        let rest = self.raw.split_off(self.raw.len().min(SEGMENT + TAG));
        self.plain = std::mem::replace(&mut self.raw, rest);
        let opened = if is_last {
            open.decrypt_last_in_place(bound, &mut self.plain)
        } else {
            let opened = open.decrypt_next_in_place(bound, &mut self.plain);
            *decryptor = Some(open);
            opened
        };
        self.taken = 0;
        if opened.is_err() {
            self.plain.clear();
            return Err(SealError::Damaged(*id).into());
        }
        Ok(())
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.state, State::Unread) {
            self.begin()?;
        }
        if self.taken == self.plain.len() {
            match self.state {
                State::Plain => return self.source.read(buffer),
                _ => self.decrypt()?,
            }
        }
        let rest = &self.plain[self.taken.min(self.plain.len())..];
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        self.taken += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> StorageKeys {
        let texts: Vec<String> = texts.iter().map(|digit| digit.repeat(64)).collect();
        StorageKeys::parse(&texts.join(",")).unwrap()
    }

    fn seal(keys: &StorageKeys, name: &str, file: &[u8], piece: usize) -> Vec<u8> {
        let mut sealer = keys.seal(name).unwrap();
        let mut object = Vec::new();
        for piece in file.chunks(piece) {
            object.extend(sealer.push(piece).unwrap());
        }
        object.extend(sealer.finish().unwrap());
        object
    }

    fn open(keys: &StorageKeys, name: &str, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut file = Vec::new();
        keys.open(name, sealed).read_to_end(&mut file)?;
        Ok(file)
    }

    #[test]
    fn gives_back_files_of_every_length_however_they_were_written() {
        let keys = keys(&["a"]);
        for length in [
            0,
            1,
            100,
            SEGMENT - 1,
            SEGMENT,
            SEGMENT + 1,
            3 * SEGMENT,
            3 * SEGMENT + 7,
        ] {
            let file: Vec<u8> = (0..251_u8).cycle().take(length).collect();
            for piece in [1000, SEGMENT, 200_000] {
                let sealed = seal(&keys, "a.csv", &file, piece);
                assert!(
                    open(&keys, "a.csv", &sealed).unwrap() == file,
                    "{length} in {piece}"
                );
            }
        }
    }

    #[test]
    fn what_is_stored_shows_nothing_and_never_looks_the_same_twice() {
        let keys = keys(&["a"]);
        let file = b"3171234567890001".repeat(10_000);
        let [one, two] = [0, 1].map(|_| seal(&keys, "a.csv", &file, 5_000));
        assert!(one != two);
        assert!(!one.windows(8).any(|bytes| bytes == b"31712345"));
    }

    #[test]
    fn every_change_is_noticed() {
        let keys = keys(&["a"]);
        let file: Vec<u8> = (0..251_u8).cycle().take(3 * SEGMENT).collect();
        let sealed = seal(&keys, "a.csv", &file, SEGMENT);
        let segment = SEGMENT + TAG;
        let mut swapped = sealed.clone();
        swapped[HEADER_BYTES..HEADER_BYTES + 2 * segment].rotate_left(segment);
        let mut flipped = Vec::new();
        for at in [
            Sealing::HEAD,
            HEADER_BYTES,
            HEADER_BYTES + segment,
            sealed.len() - 1,
        ] {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            flipped.push(damaged);
        }
        let cut = [
            HEADER_BYTES - 1,
            HEADER_BYTES,
            HEADER_BYTES + segment,
            sealed.len() - 1,
        ]
        .map(|length| sealed[..length].to_vec());
        let longer = [sealed.as_slice(), b"x"].concat();
        for damaged in flipped.into_iter().chain(cut).chain([swapped, longer]) {
            let error = open(&keys, "a.csv", &damaged).unwrap_err();
            assert!(error.to_string().contains("changed or cut off"), "{error}");
        }
        assert!(open(&keys, "b.csv", &sealed).is_err(), "under another name");
    }

    #[test]
    fn the_first_key_writes_and_all_read() {
        let [old, both, new] = [keys(&["a"]), keys(&["b", "a"]), keys(&["b"])];
        let before = seal(&old, "a.csv", b"nama", 4);
        assert_eq!(open(&both, "a.csv", &before).unwrap(), b"nama");
        let error = open(&new, "a.csv", &before).unwrap_err().to_string();
        assert!(
            error.contains(&old.writing().unwrap().to_string()),
            "{error}"
        );
        let after = seal(&both, "a.csv", b"nama", 4);
        assert_eq!(Sealing::of(&after), Sealing::With(new.writing().unwrap()));
        assert_eq!(open(&new, "a.csv", &after).unwrap(), b"nama");
    }

    #[test]
    fn what_was_stored_without_keys_is_read_as_it_is() {
        for keys in [StorageKeys::default(), keys(&["a"])] {
            let long = vec![b'x'; 200_000];
            for file in [&b""[..], b"n", b"nama\nAhmad\n", &long] {
                assert!(open(&keys, "a.csv", file).unwrap() == file);
            }
        }
    }

    #[test]
    fn what_another_version_encrypted_is_refused_and_never_read_as_a_file() {
        for version in [0, 1, 3, 255] {
            let object = [&NAME[..], &[version], &[7; 100]].concat();
            assert_eq!(Sealing::of(&object), Sealing::Otherwise(version));
            for keys in [StorageKeys::default(), keys(&["a"])] {
                let error = open(&keys, "a.csv", &object).unwrap_err().to_string();
                assert!(error.contains(&format!("format {version}")), "{error}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_list_of_keys() {
        let key = "0f".repeat(32);
        for text in [
            "",
            ",",
            "0f",
            &key[1..],
            &format!("{key},"),
            &format!("{key},{key}"),
            &"zz".repeat(32),
        ] {
            assert_eq!(
                StorageKeys::parse(text).err(),
                Some(InvalidStorageKeys),
                "{text}"
            );
        }
        assert_eq!(
            StorageKeys::parse(&format!(" {key} , {}", "1f".repeat(32)))
                .unwrap()
                .ids()
                .len(),
            2
        );
    }
}
