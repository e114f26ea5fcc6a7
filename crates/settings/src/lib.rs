//! The one reader of the environment for all programs, so that the same variables mean the same to each of them.
//!
//! A variable of the process takes precedence over the file `.env`, which is that of the working directory or of the nearest folder above
//! it. An empty variable counts as absent. A secret may be in the file that `<NAME>_FILE` names; setting both is refused.
//! All mistakes are reported at once, by the name of the variable and never with its value.

mod address;
mod database;
mod dotenv;
mod environment;
mod jwt_secret;
mod names;
mod print;
mod reader;

pub use address::{AddressError, DatabaseAddress, Engine, FileError};
pub use database::{DatabaseSettings, database_address};
pub use environment::{Environment, Mistakes};
pub use jwt_secret::{JWT_SECRET, jwt_secret};
pub use names::{NAMES, Variable};
pub use print::{complain_line, say_line};
pub use reader::{AppEnv, Reader, Setting};
