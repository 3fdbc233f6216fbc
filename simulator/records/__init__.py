"""Generated records of persons, vehicles and documents who never were, with the truth of what matches what."""
