"""Every recommender keeps the contract."""

from __future__ import annotations

from typing import ClassVar

from recommenders import RecommenderContract

from tools.models.als import Als
from tools.models.content import Content
from tools.models.contract import Recommender
from tools.models.ease import Ease
from tools.models.itemknn import ItemKnn
from tools.models.popular import Popular
from tools.models.sequential import Sequential
from tools.models.usermixture import UserMixture


class TestPopular(RecommenderContract):
    kind: ClassVar[type[Recommender]] = Popular
    has_taste = False
    hears_dislikes = False


class TestEase(RecommenderContract):
    kind: ClassVar[type[Recommender]] = Ease


class TestItemKnnCosine(RecommenderContract):
    kind: ClassVar[type[Recommender]] = ItemKnn
    parameters: ClassVar = {"weighting": "cosine"}


class TestItemKnnTfidf(RecommenderContract):
    kind: ClassVar[type[Recommender]] = ItemKnn
    parameters: ClassVar = {"weighting": "tfidf"}


class TestItemKnnBm25(RecommenderContract):
    kind: ClassVar[type[Recommender]] = ItemKnn


class TestUserMixture(RecommenderContract):
    kind: ClassVar[type[Recommender]] = UserMixture


class TestAls(RecommenderContract):
    kind: ClassVar[type[Recommender]] = Als
    parameters: ClassVar = {"factors": 8}


class TestContent(RecommenderContract):
    kind: ClassVar[type[Recommender]] = Content
    scores_cold_items = True


class TestSequential(RecommenderContract):
    kind: ClassVar[type[Recommender]] = Sequential
    parameters: ClassVar = {"length": 8, "dimensions": 16, "epochs": 30, "batch": 16, "rate": 5e-3}
    hears_dislikes = False
