"""The page of documents: what there is, taking in more, and taking away.

routes.py      the addresses, and who may write to them
page.py        what is shown, with words.py; documents.js takes files by drop and by button
intake.py      one file on its way from the network into the folder of added files
job.py         bringing the index in line with that folder, in a thread
"""
