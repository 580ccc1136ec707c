"""English words that name nothing to be seen: not to have met them in training is no loss."""

_LIST = """
a an the this that these those some any and or but with without in on at of to from by for near
under over above below behind before beside between around into onto upon as like
it its is are was be been being
there here i we you he she they them his her their my your our me us very really please make show
give want let where which who while then than so just no not same place scene world picture image
game
"""
FUNCTION_WORDS = frozenset(_LIST.split())
