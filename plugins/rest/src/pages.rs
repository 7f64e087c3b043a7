//! `--paginate`: prints a list that the server returns page by page as one JSON document.
//!
//! The first request is sent as the user typed it, because only its answer says whether there are more pages, which field is
//! the list, and how the next page is requested. The document is that answer with a longer list. The items are printed while
//! they arrive, so memory holds one page.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::{json, value::RawValue};
use tw_plugin_api::{Response, prelude::*};

use crate::{
    answer::{Writer, print_failure, print_response_head},
    content::{Content, Parameter},
};

/// The field of an answer, and the query parameter, that name the next page of a list without a number of items.
const CURSOR: &str = "nextPageToken";

type Json = Box<RawValue>;

/// The first answer.
struct First {
    /// All fields, in the server's order. Their digits and blanks stay as the server sent them.
    fields: IndexMap<String, Json>,
    /// The name of the list.
    list: String,
    items: Vec<Json>,
    next: Next,
}

/// The parameter that requests the next page.
enum Next {
    Offset(u64),
    Cursor(String),
}

pub(crate) fn print(content: Content, include: bool, host: &Host) -> Result<Output> {
    let response = content.clone().into_request(host).send()?;
    if include {
        print_response_head(&response, host)?;
    }
    if !response.is_success() {
        return print_failure(response, host);
    }
    let mut writer = Writer::new(response.header("content-type"), host);
    let Some(first) = First::read(&response, &content)? else {
        writer.send(response.bytes())?;
        return writer.end();
    };
    for (at, (name, value)) in first.fields.iter().enumerate() {
        let sign = if at == 0 { '{' } else { ',' };
        writer.send(format!("{sign}{}:", json!(name)).as_bytes())?;
        match name.as_str() {
            list if list == first.list => first.print_items(&content, &mut writer, host)?,
            // No page follows this document.
            "hasMore" => writer.send(b"false")?,
            CURSOR => writer.send(b"null")?,
            _ => writer.send(value.get().as_bytes())?,
        }
    }
    writer.send(b"}\n")?;
    writer.end()
}

impl First {
    /// Reads the first answer. `None` if no page follows.
    ///
    /// # Errors
    /// If a page follows, and it isn't clear which field is the list.
    fn read(response: &Response, content: &Content) -> Result<Option<Self>> {
        // Other answers have no pages, and are printed as they are.
        let Ok(fields) = response.json::<IndexMap<String, Json>>() else {
            return Ok(None);
        };
        let lists = fields.iter().filter_map(|(name, value)| {
            let items: Vec<Json> = serde_json::from_str(value.get()).ok()?;
            Some((name.clone(), items))
        });
        let mut lists: Vec<_> = lists.collect();
        let count = lists.iter().map(|(_, items)| items.len() as u64).max();
        let Some(next) = find_next(&fields, content.find_offset(), count.unwrap_or_default())
        else {
            return Ok(None);
        };
        let (Some((list, items)), true) = (lists.pop(), lists.is_empty()) else {
            let message = "The answer has more pages, and more than one list or none";
            return Err(Error::new(ErrorKind::InvalidResponse, message)
                .hint("ask for each page yourself, for example with '--query offset=100'"));
        };
        Ok(Some(Self {
            fields,
            list,
            items,
            next,
        }))
    }

    /// Prints the items of the first page and of all others.
    ///
    /// # Errors
    /// If the server answers with the first page again, because it ignores the offset.
    fn print_items(&self, content: &Content, writer: &mut Writer<'_>, host: &Host) -> Result<()> {
        let request = content.after_first(&self.next).into_request(host);
        let mut rest = request.pages::<Json>(&self.list).label("Reading pages");
        if let Next::Cursor(_) = self.next {
            rest = rest.cursor(CURSOR);
        }
        let mut rest = rest.peekable();
        if let (Some(first), Some(Ok(next))) = (self.items.first(), rest.peek())
            && first.get() == next.get()
        {
            let message = format!("The server's list '{}' repeats its first page", self.list);
            return Err(Error::new(ErrorKind::InvalidResponse, message));
        }
        let mut sign = "[";
        for item in self.items.iter().cloned().map(Ok).chain(rest) {
            writer.send(sign.as_bytes())?;
            writer.send(item?.get().as_bytes())?;
            sign = ",";
        }
        writer.send(if sign == "[" { b"[]" } else { b"]" })
    }
}

/// Returns the parameter that requests the page after this answer. `None` if there is no such page. `items` is the number of items in the answer.
fn find_next(fields: &IndexMap<String, Json>, offset: u64, items: u64) -> Option<Next> {
    if let Some(cursor) = read::<String>(fields, CURSOR).filter(|cursor| !cursor.is_empty()) {
        return Some(Next::Cursor(cursor));
    }
    let offset = offset.saturating_add(items);
    let total: Option<u64> = read(fields, "totalSize").or_else(|| read(fields, "total"));
    let has_more = match total {
        Some(total) => offset < total,
        None => read(fields, "hasMore").unwrap_or_default(),
    };
    (has_more && items > 0).then_some(Next::Offset(offset))
}

fn read<T: DeserializeOwned>(fields: &IndexMap<String, Json>, name: &str) -> Option<T> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

impl Content {
    /// Returns the offset of the first page.
    fn find_offset(&self) -> u64 {
        let offset = self.find("offset");
        offset
            .and_then(|offset| offset.parse().ok())
            .unwrap_or_default()
    }

    /// Returns the value of a query parameter that the user typed, in the path or as an option.
    fn find(&self, name: &str) -> Option<&str> {
        let typed = self.query.iter().find(|parameter| parameter.name == name);
        match typed {
            Some(parameter) => Some(&parameter.value),
            None => {
                let mut pairs = self.inline_query().split('&');
                pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            }
        }
    }

    /// Returns the query in the path, without the `?`.
    fn inline_query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// Returns the request for the page after the first one. The host changes the paging in `query`, and not in the path.
    fn after_first(&self, next: &Next) -> Self {
        let is_paging = |name: &str| ["max", "offset", CURSOR].contains(&name);
        let pairs = self.inline_query().split('&');
        let pairs = pairs.filter(|pair| !is_paging(pair.split('=').next().unwrap_or_default()));
        let inline: Vec<&str> = pairs.collect();
        let path = self.url.split('?').next().unwrap_or_default();
        let mut content = Self {
            url: format!("{path}?{}", inline.join("&")),
            ..self.clone()
        };
        content
            .query
            .retain(|parameter| !is_paging(&parameter.name));
        let max = self.find("max").map(|max| Parameter::plain("max", max));
        content.query.extend(max);
        content.query.push(match next {
            Next::Offset(offset) => Parameter::plain("offset", offset),
            Next::Cursor(cursor) => Parameter::plain(CURSOR, cursor),
        });
        content
    }
}
