"""How the API should answer, above all when something is wrong. Run with: python -m unittest"""

import shutil
import tempfile
import unittest
from pathlib import Path

from api import handle
from store import Store

STOCK = Path(__file__).parent.parent / "stock.json"


class ApiTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "stock.json"
        shutil.copyfile(STOCK, self.path)
        self.store = Store(self.path)

    def get(self, number):
        return handle(self.store, {"method": "GET", "path": f"/items/{number}"})

    def reserve(self, number, body):
        return handle(self.store, {"method": "POST", "path": f"/items/{number}/reserve", "body": body})

    def test_an_item_is_found(self):
        response = self.get("101")
        self.assertEqual(response["status"], 200)
        self.assertEqual(response["body"]["name"], "Sencha")

    def test_a_reservation_lowers_the_stock_and_is_kept(self):
        response = self.reserve("101", {"quantity": 2})
        self.assertEqual(response["status"], 200)
        self.assertEqual(Store(self.path).find("101")["stock"], 1)

    def test_an_unknown_item_is_404_and_named(self):
        for response in (self.get("999"), self.reserve("999", {"quantity": 1})):
            self.assertEqual(response["status"], 404)
            self.assertIn("999", response["body"]["error"])

    def test_more_than_there_is_is_409_and_takes_nothing(self):
        response = self.reserve("101", {"quantity": 4})
        self.assertEqual(response["status"], 409)
        self.assertEqual(self.get("101")["body"]["stock"], 3)

    def test_a_quantity_that_makes_no_sense_is_400_and_takes_nothing(self):
        for body in (None, {}, {"quantity": "many"}, {"quantity": 0}, {"quantity": -5}):
            self.assertEqual(self.reserve("101", body)["status"], 400, body)
        self.assertEqual(self.get("101")["body"]["stock"], 3)

    def test_a_broken_record_is_our_fault_and_in_the_log(self):
        # Oolong has no "stock". That is a bug in our data, not a wrong request.
        with self.assertLogs("api", level="ERROR") as log:
            response = self.reserve("103", {"quantity": 1})
        self.assertEqual(response["status"], 500)
        self.assertIn("KeyError", log.output[0])

    def test_a_stock_that_could_not_be_saved_is_not_sold(self):
        self.store.path = self.path.parent / "no such folder" / "stock.json"
        with self.assertLogs("api", level="ERROR"):
            response = self.reserve("101", {"quantity": 1})
        self.assertEqual(response["status"], 500)
        self.assertEqual(self.get("101")["body"]["stock"], 3)


if __name__ == "__main__":
    unittest.main()
