//! The forms in which a table is printed.

/// Column names and rows.
pub(super) struct Table {
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// How it is printed; csv has any separator.
pub(super) enum Form {
    Csv(String),
    Json,
    Xml,
}

impl Default for Form {
    fn default() -> Self {
        Self::Csv(",".into())
    }
}

impl Form {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "csv" | "delim" => Self::default(),
            "json" => Self::Json,
            "xml" => Self::Xml,
            _ => return None,
        })
    }

    pub(super) fn count(&self, count: usize) -> String {
        match self {
            Self::Csv(_) => format!("\n{count} total.\n"),
            Self::Json => format!("{{\"row_count\":{count},\"rows\":[]}}"),
            Self::Xml => format!("<result row_count=\"{count}\"/>\n"),
        }
    }

    pub(super) fn print(&self, table: &Table) -> String {
        let count = table.rows.len();
        match self {
            Self::Csv(_) if count == 0 => "\n0 total.\n".into(),
            Self::Csv(between) => {
                let lines: Vec<String> = table.rows.iter().map(|row| row.join(between)).collect();
                format!("{}\n{}\n\n{count} total.\n", table.columns.join(between), lines.join("\n"))
            }
            Self::Json if count == 0 => "{\"row_count\": 0}\n".into(),
            Self::Json => json(table),
            Self::Xml if count == 0 => "<result row_count=\"0\"/>\n".into(),
            Self::Xml => xml(table),
        }
    }
}

fn json(table: &Table) -> String {
    let rows = table.rows.iter().map(|row| {
        let cells = table.columns.iter().zip(row);
        serde_json::Value::Object(
            cells.map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect(),
        )
    });
    serde_json::json!({ "row_count": table.rows.len(), "rows": rows.collect::<Vec<_>>() }).to_string()
}

fn xml(table: &Table) -> String {
    let mut out = format!("<result row_count=\"{}\">\n", table.rows.len());
    for (at, row) in table.rows.iter().enumerate() {
        out.push_str(&format!("  <row row_id=\"{}\">\n", at + 1));
        for (name, value) in table.columns.iter().zip(row) {
            out.push_str(&format!("    <{name}>{}</{name}>\n", escaped(value)));
        }
        out.push_str("  </row>\n");
    }
    out.push_str("</result>\n");
    out
}

/// Text in xml, as the server encodes it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
