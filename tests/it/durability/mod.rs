//! Whatever happens to the processes, the sessions and the database, no row is lost, duplicated or leaked. Small in every run;
//! `docs/reliability.md` has the commands and the figures of the full size.

mod changes;
mod crowds;
mod disturbances;
mod fairness;
mod found;
mod full_disks;
mod kills;
mod ledger;
mod outage;
mod poison;
mod pressure;
mod silence;
mod size;
mod sleepers;
mod stops;
mod tampering;
mod truth;
mod uploads_and_rollbacks;
mod watch;
