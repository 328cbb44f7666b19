"""The tea shop's stock: items by their number, kept in a JSON file."""

import json


class Store:
    def __init__(self, path):
        self.path = path
        self.items = json.loads(path.read_text(encoding="utf-8"))

    def find(self, number):
        return self.items[number]

    def reserve(self, number, quantity):
        """Take so many pieces from the stock and return the item."""
        item = self.find(number)
        if item["stock"] < quantity:
            raise Exception("not enough")
        item["stock"] -= quantity
        self.save()
        return item

    def save(self):
        try:
            self.path.write_text(json.dumps(self.items, indent=2), encoding="utf-8")
        except OSError:
            pass
