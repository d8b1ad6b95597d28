//! Runs one scenario against a server that is running: `load ADDRESS PID SCENARIO`, as in
//! `load 127.0.0.1:3000 4711 '{"work":"echo","in_flight":16}'`.
//!
//! The scenario's fields are those of [`Scenario`]; what is left out has its default. Out: the measurement as
//! one line of JSON.

use std::error::Error;

use socketio_benches::load::{Scenario, Target, run};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, pid, scenario] = args.as_slice() else {
        return Err("usage: load ADDRESS PID SCENARIO".into());
    };
    let scenario: Scenario = serde_json::from_str(scenario)?;
    let measured = run(&scenario, Target { address: address.parse()?, pid: pid.parse()? })?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}
