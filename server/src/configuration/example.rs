//! An example of a configuration file, made from the settings of this build.

use std::fmt::Write as _;

use claviger_plugin_sdk::settings::{Setting, SettingKind};

use super::libraries;
use super::table::{Row, SettingsTable};

/// A complete file in which every setting is explained and commented out, at its default where it has one.
pub fn example(table: &SettingsTable) -> String {
    let mut text = String::from(
        "# Configuration of claviger-server. A flag wins over a variable, a variable over this file.\n\
         # Start with: claviger-server --config FILE\n",
    );
    for section in table.sections() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n[{section}]");
        for row in table.section(section) {
            write_setting(&mut text, row);
        }
        if section == "plugins" {
            text.push_str(libraries::EXAMPLE);
        }
    }
    text
}

fn write_setting(text: &mut String, row: &Row) {
    let setting = row.setting;
    let variables: Vec<&str> = row.variables().collect();
    let _ = writeln!(text, "\n# {}.", setting.help.trim_end_matches('.'));
    let _ = writeln!(text, "# --{}, {}", setting.flag, variables.join(", "));
    let _ = writeln!(text, "#{} = {}", row.key(), written(setting));
}

/// The default as TOML, or a placeholder of the right type.
fn written(setting: &Setting) -> String {
    let value = setting.default.unwrap_or_default();
    match setting.kind {
        SettingKind::Switch => if value.is_empty() { "false" } else { value }.to_owned(),
        SettingKind::Number(least, _) => {
            if value.is_empty() {
                least.to_string()
            } else {
                value.to_owned()
            }
        }
        _ => toml::Value::String(value.to_owned()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Configuration, Sources};

    #[test]
    fn the_example_with_every_default_uncommented_is_a_configuration() {
        let table = SettingsTable::of(&[]).unwrap();
        let text: Vec<String> = example(&table)
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') && !rest.ends_with("\"\"") => rest.to_owned(),
                _ => line.to_owned(),
            })
            .collect();
        let file = Some(("example".to_owned(), text.join("\n")));
        Configuration::read(&table, &Sources { file, ..Sources::default() }).unwrap();
    }
}
