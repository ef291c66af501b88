//! Devices: known by their numbers, and by a password or the connection that they are on.

use claviger_plugin_sdk::kmip::credentials::Device as Presented;

use crate::directory::Identity;
use crate::password::PasswordHash;

/// A device that is known. What it has must be presented just so; what it does not have is not looked at.
pub(crate) struct Device {
    pub(crate) identity: Identity,
    pub(crate) serial_number: Option<String>,
    pub(crate) identifier: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) password: Option<PasswordHash>,
}

impl Device {
    fn numbers(&self) -> [&Option<String>; 5] {
        [&self.serial_number, &self.identifier, &self.network, &self.machine, &self.media]
    }

    /// Whether there is something to know it by.
    pub(crate) fn has_identifier(&self) -> bool {
        self.numbers().iter().any(|number| number.is_some())
    }

    /// Whether it has the same numbers.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.numbers() == other.numbers()
    }

    /// Whether all of its numbers are presented.
    fn matches(&self, presented: &Presented) -> bool {
        let numbers = self.numbers().into_iter().zip(numbers_of(presented));
        numbers.into_iter().all(|(own, presented)| own.is_none() || own == presented)
    }

    /// What its failures are counted under, whatever else is presented.
    pub(crate) fn counted_as(&self) -> String {
        counted_as(&self.numbers())
    }

    /// How many numbers it has.
    fn count(&self) -> usize {
        self.numbers().iter().filter(|number| number.is_some()).count()
    }
}

/// The device of several whose numbers are presented: the one that is known by the most of them, if there is one such.
pub(crate) fn find<'d>(devices: &'d [Device], presented: &Presented) -> Option<&'d Device> {
    let matching = || devices.iter().filter(|device| device.matches(presented));
    let most = matching().map(Device::count).max()?;
    let mut best = matching().filter(|device| device.count() == most);
    best.next().filter(|_| best.next().is_none())
}

/// What failures of a device are counted under that is not known.
pub(crate) fn name_of(presented: &Presented) -> String {
    counted_as(&numbers_of(presented))
}

fn counted_as(numbers: &[&Option<String>; 5]) -> String {
    format!("{numbers:?}")
}

fn numbers_of(presented: &Presented) -> [&Option<String>; 5] {
    [
        &presented.device_serial_number,
        &presented.device_identifier,
        &presented.network_identifier,
        &presented.machine_identifier,
        &presented.media_identifier,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::tests::directory;

    fn presented(serial: Option<&str>, machine: Option<&str>, media: Option<&str>) -> Presented {
        Presented {
            device_serial_number: serial.map(Into::into),
            password: None,
            device_identifier: None,
            network_identifier: None,
            machine_identifier: machine.map(Into::into),
            media_identifier: media.map(Into::into),
        }
    }

    #[test]
    fn a_device_is_found_by_all_of_its_numbers_and_the_most_exact_one_wins() {
        let directory = directory(
            "[[device]]\nuser = \"a\"\nserial_number = \"1\"\npassword = \"PASSWORD1\"\n\
             [[device]]\nuser = \"b\"\nserial_number = \"1\"\nmachine = \"m\"\npassword = \"PASSWORD1\"\n\
             [[device]]\nuser = \"c\"\nmedia = \"x\"\nmachine = \"m\"\npassword = \"PASSWORD1\"\n",
        )
        .unwrap();
        let found = |serial, machine, media| {
            let presented = presented(serial, machine, media);
            find(directory.devices(), &presented).map(|device| device.identity.name())
        };
        assert_eq!(found(Some("1"), None, None), Some("a"));
        assert_eq!(found(Some("1"), Some("n"), None), Some("a"));
        assert_eq!(found(Some("1"), Some("m"), None), Some("b"));
        assert_eq!(found(None, Some("m"), Some("x")), Some("c"));
        assert_eq!(found(None, Some("m"), None), None);
        assert_eq!(found(Some("2"), Some("m"), None), None);
        assert_eq!(found(None, None, None), None);
        // Two are as exact.
        assert_eq!(found(Some("1"), Some("m"), Some("x")), None);
    }
}
