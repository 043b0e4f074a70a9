use super::word::words;

words! {
    /// What the application `say` says: its second argument.
    pub enum SayType {
        Number = 0, "NUMBER", "A number.";
        Items = 1, "ITEMS", "A number of things.";
        Persons = 2, "PERSONS", "A number of persons.";
        Messages = 3, "MESSAGES", "A number of messages.";
        Currency = 4, "CURRENCY", "An amount of money.";
        TimeMeasurement = 5, "TIME_MEASUREMENT", "A length of time.";
        CurrentDate = 6, "CURRENT_DATE", "A date.";
        CurrentTime = 7, "CURRENT_TIME", "A time of day.";
        CurrentDateTime = 8, "CURRENT_DATE_TIME", "A date and a time of day.";
        TelephoneNumber = 9, "TELEPHONE_NUMBER", "A telephone number.";
        TelephoneExtension = 10, "TELEPHONE_EXTENSION", "An extension.";
        Url = 11, "URL", "An address of the web.";
        IpAddress = 12, "IP_ADDRESS", "An IP address.";
        EmailAddress = 13, "EMAIL_ADDRESS", "An address of electronic mail.";
        PostalAddress = 14, "POSTAL_ADDRESS", "A postal address.";
        AccountNumber = 15, "ACCOUNT_NUMBER", "An account's number.";
        NameSpelled = 16, "NAME_SPELLED", "A name, letter by letter.";
        NamePhonetic = 17, "NAME_PHONETIC", "A name, in the words of a spelling alphabet.";
        ShortDateTime = 18, "SHORT_DATE_TIME", "A date and a time of day, shortened.";
    }
}

words! {
    /// How the application `say` says it: its third argument.
    pub enum SayMethod {
        NotApplicable = 0, "N/A", "As the kind of thing is usually said.";
        Pronounced = 1, "PRONOUNCED", "As one number: one hundred and five.";
        Iterated = 2, "ITERATED", "Piece by piece: one, zero, five.";
        Counted = 3, "COUNTED", "As a place in a row: hundred and fifth.";
    }
}

words! {
    /// The gender in which the application `say` says it: its fourth argument.
    pub enum SayGender {
        Masculine = 0, "MASCULINE", "Masculine.";
        Feminine = 1, "FEMININE", "Feminine.";
        Neuter = 2, "NEUTER", "Neuter.";
    }
}
