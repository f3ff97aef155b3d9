"""What each verb of the command does: one module a verb, imported when the verb is used."""
