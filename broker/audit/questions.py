"""Every saved question, by its name: the order is that of the console's page."""

from broker.audit.asking import SavedQuestion
from broker.audit.questions_of_one import OF_ONE
from broker.audit.questions_of_people import OF_PEOPLE
from broker.audit.questions_of_trail import OF_TRAIL
from broker.audit.questions_of_travel import OF_TRAVEL
from broker.audit.saved_queries import COUNTING

SAVED: dict[str, SavedQuestion] = {
    question.name: question for question in (*OF_ONE, *COUNTING, *OF_PEOPLE, *OF_TRAVEL, *OF_TRAIL)
}
